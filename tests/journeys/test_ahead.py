"""The first `ls` of a project works ahead: the first plan and the first release find what they need."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from dryland import ahead
from dryland.artifacts import pieces
from dryland.plan import asked_query
from dryland.sql import parse


def manifest(workspace: Any) -> dict[str, Any]:
    """What the manifest says, without the moments at which it was made."""
    found: dict[str, Any] = json.loads((workspace.root / "target/manifest.json").read_text())
    del found["metadata"]
    for each in (*found["nodes"].values(), *found["sources"].values(), *found["macros"].values()):
        each.pop("created_at", None)
    return found


def test_the_first_plan_finds_what_the_sql_means(branches, monkeypatch) -> None:
    branches.dryland("ls")
    monkeypatch.setattr(asked_query.AskedQuery, "meaning", lambda asked: pytest.fail(f"asked again: {asked.sql}"))
    assert len(branches.building()) == 5


def test_the_first_plan_reads_no_texts(branches, monkeypatch) -> None:
    branches.dryland("ls")
    monkeypatch.setattr(parse, "words", lambda sql, _: pytest.fail(f"read again: {sql}"))
    assert len(branches.building()) == 5


def test_the_first_plan_analyses_nothing(branches) -> None:
    branches.process("ls")
    told = branches.process("plan", PYTHONPROFILEIMPORTTIME="1").err
    imported = {line.rpartition("|")[2].strip() for line in told.splitlines() if "|" in line}
    assert "dryland.plan.make" in imported
    assert "dryland.sql.analyse" not in imported


def test_the_first_release_finds_its_manifest(branches, monkeypatch) -> None:
    branches.dryland("apply", "--yes", DRYLAND_CACHE="")
    expected = manifest(branches)
    (branches.root / "target/manifest.json").unlink()
    branches.dryland("ls")
    monkeypatch.setattr(pieces, "manifest", lambda *_: pytest.fail("it was made again"))
    branches.dryland("apply", "--yes")
    assert manifest(branches) == expected


def test_the_columns_of_sources_are_asked_of_a_file(branches, monkeypatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(ahead, "open_engine", lambda *address: opened.append(address))
    branches.dryland("ls")
    assert len(opened) == 1


def test_sources_that_changed_since_are_looked_at_again(branches, monkeypatch) -> None:
    """What was worked out ahead is of the columns that there were; others are another question."""
    branches.write("models/stg_orders.sql", "select * from {{ source('raw', 'orders') }}")
    branches.dryland("ls")
    branches.arrives("create or replace table raw.orders as select 1 as id, 7 as amount, null::text as region")
    asked: list[str] = []
    real = asked_query.AskedQuery.meaning
    monkeypatch.setattr(asked_query.AskedQuery, "meaning", lambda query: asked.append(query.path) or real(query))
    branches.dryland("plan")
    assert asked == ["models/stg_orders.sql", "models/orders_total.sql"]


def test_a_warehouse_that_somebody_holds_is_not_waited_for(branches) -> None:
    with duckdb.connect(str(branches.root / "warehouse.duckdb")):
        done = branches.process("ls", "--timings")
    assert (done.code, "work ahead" in done.err, "held by another process" in done.err) == (0, True, False)
    assert len(branches.building()) == 5


def test_what_is_wrong_is_for_the_plan_to_tell(branches) -> None:
    branches.write("models/both.sql", "select from from")
    assert "both" in branches.dryland("ls").out
    assert "models/both.sql" in branches.dryland("plan", code=None).err


@pytest.mark.parametrize("before", ["plan", "ls"])
def test_nothing_is_done_twice(branches, before) -> None:
    """Neither after a plan, which has asked all of it, nor for a project that is known."""
    branches.process(before)
    assert "work ahead" not in branches.process("ls", "--timings").err


def test_who_presses_ctrl_c_has_the_answer(branches, monkeypatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ahead, "work_ahead", interrupted)
    assert "stg_orders" in branches.dryland("ls").out


def test_nothing_of_the_teams_is_run_for_it(branches, monkeypatch) -> None:
    """A plugin may do anything: it is for who builds to have it loaded."""
    profile = "two: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, plugins: [{module: nothing}]}}}"
    branches.write("profiles.yml", profile)
    opened: list[object] = []
    monkeypatch.setattr(ahead, "open_engine", lambda *address: opened.append(address))
    branches.dryland("ls")
    assert opened == []


@pytest.mark.parametrize("verb", [("env", "create", "dev"), ("rollback", "--yes")], ids=" ".join)
def test_who_changes_something_is_not_kept_waiting(two_branches, tmp_path, verb) -> None:
    """Also where nothing was kept: a machine that has just been set up may be the one that brings a release back."""
    two_branches.write("models/both.sql", "select 1 as total")
    two_branches.dryland("apply", "--yes")
    done = two_branches.process(*verb, "--timings", DRYLAND_CACHE=str(tmp_path / "empty"))
    assert (done.code, "load" in done.err, "work ahead" in done.err) == (0, True, False)


def test_an_edit_is_left_to_the_plan(branches) -> None:
    """All files are read again, and most of what they mean is known."""
    branches.process("ls")
    branches.write("models/more.yml", "models: [{name: both, description: All.}]\n")
    assert "work ahead" not in branches.process("ls", "--timings").err


def test_where_nothing_is_kept_nothing_is_done(branches) -> None:
    assert "work ahead" not in branches.process("ls", "--timings", DRYLAND_CACHE="").err
