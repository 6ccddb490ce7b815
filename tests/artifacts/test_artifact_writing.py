"""Artifacts are written whole, where the project says, and never change how a verb ends."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dryland.artifacts import write
from dryland.artifacts.files import write_json
from dryland.artifacts.invocation import Invocation
from dryland.artifacts.pieces import Nodes
from dryland.artifacts.sources import Age, sources_file
from dryland.engines.relation import Relation
from dryland.plan.plan import Plan
from dryland.project.nodes import Place, Source
from dryland.release import carry_out
from dryland.release.publish import publish
from dryland.state.records import Release

pytestmark = pytest.mark.slow  # each releases a project


def test_a_release_writes_them(shop) -> None:
    shop.dryland("apply", "--yes")
    names = {path.name for path in (shop.root / "target").iterdir()}
    assert names == {"manifest.json", "run_results.json", "semantic_manifest.json", "compiled"}


def test_plan_and_ls_write_nothing(shop) -> None:
    shop.dryland("plan")
    shop.dryland("ls")
    assert not (shop.root / "target").exists()


@pytest.mark.slow
def test_where_nothing_is_to_be_done_only_a_missing_manifest_is_written(released) -> None:
    manifest = released.root / "target" / "manifest.json"
    manifest.write_text("{}")
    released.dryland("apply", "--yes")
    assert manifest.read_text() == "{}"
    manifest.unlink()
    released.dryland("apply", "--yes")
    assert json.loads(manifest.read_text())["nodes"]


def test_the_project_says_where(shop) -> None:
    shop.edit("dbt_project.yml", "profile: shop", "profile: shop\ntarget-path: out")
    shop.dryland("artifacts")
    assert (shop.root / "out" / "manifest.json").exists()
    shop.dryland("artifacts", DBT_TARGET_PATH="elsewhere")
    assert (shop.root / "elsewhere" / "catalog.json").exists()
    assert not (shop.root / "target").exists()


@pytest.mark.parametrize("said", ["variable", "flag"])
def test_who_wants_none_gets_none(shop, said) -> None:
    if said == "flag":
        shop.edit("dbt_project.yml", "profile: shop", "profile: shop\nflags: {write_json: false}")
    shop.dryland("apply", "--yes", **({"DBT_WRITE_JSON": "False"} if said == "variable" else {}))
    assert not (shop.root / "target").exists()


def test_a_folder_that_cannot_be_written_is_told_and_the_release_stands(shop) -> None:
    shop.write("target", "a file is in the way\n")
    answer = shop.dryland("apply", "--yes")
    assert "did not write dbt's artifacts" in answer.out
    assert shop.sql("select count(*) from main.customer_orders") == [(3,)]
    assert "did not write" in shop.dryland("check").err
    assert "cannot be written to" in shop.dryland("artifacts", code=3).err


def test_the_manifest_is_written_while_the_warehouse_publishes(shop, monkeypatch) -> None:
    manifest, seen = shop.root / "target" / "manifest.json", []

    def published(*args: object, **named: object) -> Release:
        until = time.monotonic() + 30
        while not manifest.exists() and time.monotonic() < until:
            time.sleep(0.01)
        seen.append(manifest.exists())
        return publish(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(carry_out, "publish", published)
    shop.dryland("apply", "--yes")
    assert seen == [True]
    results = json.loads((shop.root / "target" / "run_results.json").read_text())["results"]
    assert all(each["relation_name"] for each in results if each["unique_id"].startswith("model."))


def test_what_goes_wrong_on_its_thread_is_done_again_by_the_release(shop, monkeypatch, capfd) -> None:
    """Even what nobody foresaw: a release that is published is not the place to break off."""
    begun, written = [], write.Artifacts._write_used

    def breaks_once(artifacts: write.Artifacts, plan: Plan) -> Nodes:
        if not begun:
            begun.append(threading.current_thread().name)
            raise LookupError("unforeseen")
        return written(artifacts, plan)

    monkeypatch.setattr(write.Artifacts, "_write_used", breaks_once)
    assert "did not write" not in shop.dryland("apply", "--yes").out
    assert begun == ["dryland meanwhile"]
    assert "unforeseen" not in capfd.readouterr().err
    assert (shop.root / "target" / "manifest.json").exists()


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_json(path, {"nodes": 1})
    circular: dict[str, object] = {}
    circular["itself"] = circular
    with pytest.raises(ValueError, match="Circular"):
        write_json(path, circular)
    assert json.loads(path.read_text()) == {"nodes": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_while_we_write_reads_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_json(path, {"nodes": 1})
    with path.open() as reader:
        write_json(path, {"nodes": 2})
        assert json.load(reader) == {"nodes": 1}
    assert json.loads(path.read_text()) == {"nodes": 2}


def test_the_age_of_sources_is_told_as_dbt_tells_it() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    source = Source(
        "source.shop.raw.visits", "raw", "visits", "shop", Relation("w", "raw", "visits"), Place("a.yml"), (),
        freshness={"warn_after": {"count": 1, "period": "hour"}},
    )  # fmt: skip
    ages = [Age(source, "warn", at - timedelta(hours=2), at), Age(source, error="there is no such table")]
    warned, failed = sources_file(ages, Invocation("freshness", "prod"), elapsed_s=1.0)["results"]
    assert (warned["status"], warned["max_loaded_at_time_ago_in_s"]) == ("warn", 7200)
    assert warned["criteria"]["warn_after"] == {"count": 1, "period": "hour"}
    assert warned["criteria"]["error_after"] == {"count": None, "period": None}
    assert failed == {
        "unique_id": "source.shop.raw.visits", "error": "there is no such table", "status": "runtime error",
    }  # fmt: skip
