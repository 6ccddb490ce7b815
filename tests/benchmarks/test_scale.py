"""The benchmarks of scale run as they are called, on a few models, and everybody in them shows the same rows."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import process
import pytest
from peers import ROOT, is_installed
from scale import graph, plot, stage
from scale.as_dbt import write_dbt
from scale.as_sql import write_statements
from scale.as_sqlmesh import write_sqlmesh
from scale.contents import contents
from scale.raw_tables import write_tables
from scale.report import Circumstances, Measured, markdown
from scale.rows import ROWS, chosen

pytestmark = pytest.mark.medium

SCALE = ROOT / "benchmarks" / "scale"


def ran(results: Path, *words: str, script: str = "compare.py") -> str:
    command = [sys.executable, SCALE / script, "--rounds", "1", "--write", "--results", results, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and "failed" not in done.stdout, done.stderr[-3000:]
    return done.stdout


def medians(results: Path) -> dict[tuple[str, str], dict[str, Any]]:
    told = json.loads((results / "scale.json").read_text())
    return {(each["row"], each["tool"]): each for each in told["measured"]}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("count", [10, 30, 1_000])
def test_a_project_has_as_many_models_as_asked_each_with_five_checks(count: int) -> None:
    models = graph.models(count)
    assert len(models) == count == len({model.name for model in models})
    assert {len(model.checks) for model in models} == {5}
    assert all(check.column in model.columns for model in models for check in model.checks)


def test_models_come_after_what_they_read_and_views_are_not_stacked() -> None:
    """Views over views over views would make a benchmark of one query."""
    known: dict[str, Any] = {}
    for model in graph.models(1_000):
        assert all(name in known for name in model.reads), model.name
        read = [known[name] for name in model.reads]
        assert not (model.is_view and any(each.is_view and each.layer != "staging" for each in read)), model.name
        known[model.name] = model
    assert {model.layer for model in known.values()} == {"staging", "intermediate", "marts"}
    assert 0.2 < sum(model.is_view for model in known.values()) / len(known) < 0.5


def test_nothing_reads_the_leaf_that_is_edited() -> None:
    models = graph.models(300)
    leaf = graph.leaf(models)
    assert not leaf.is_view and not any(leaf.name in model.reads for model in models)


@pytest.mark.parametrize("writer", [write_dbt, write_sqlmesh, write_statements])
def test_a_project_is_written_with_the_same_bytes_each_time(tmp_path: Path, writer: Callable[..., None]) -> None:
    for folder in ("one", "other"):
        writer(tmp_path / folder, graph.models(40), checked=True)
    assert files(tmp_path / "one") == files(tmp_path / "other") != {}


def test_without_checks_only_checks_are_missing(tmp_path: Path) -> None:
    for is_checked in (True, False):
        write_dbt(tmp_path / str(is_checked), graph.models(20), checked=is_checked)
    checked, plain = files(tmp_path / "True"), files(tmp_path / "False")
    assert checked.keys() == plain.keys()
    assert {path for path in checked if checked[path] != plain[path]} == {
        path for path in checked if path.endswith("_models.yml")
    }
    assert not any(b"data_tests" in text for text in plain.values())


def test_every_model_has_rows_and_no_check_fails(tmp_path: Path) -> None:
    """A check of nothing would cost nothing."""
    models = graph.models(60)
    write_tables(tmp_path / "warehouse.duckdb")
    write_statements(tmp_path, models, checked=True)
    statements = json.loads((tmp_path / "statements.json").read_text())
    assert len(statements) == 1 + 6 * len(models)
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        answers = [connection.execute(each).fetchall() for each in statements]
    assert all(answer == [(0,)] for answer in answers[1 + len(models) :])
    found = contents(tmp_path / "warehouse.duckdb", {model.name: model.columns for model in models})
    assert [name for name, (rows, _) in found.items() if rows < 5] == []


def test_an_edit_is_put_back(tmp_path: Path) -> None:
    path = tmp_path / "model.sql"
    path.write_text("a, quantity, b, quantity, c")
    stage._edit(path, "quantity", "quantity + 1")
    assert path.read_text() == "a, quantity, b, quantity + 1, c"
    stage._put_back(path)
    stage._put_back(path)
    assert path.read_text() == "a, quantity, b, quantity, c"
    with pytest.raises(AssertionError, match="does not contain"):
        stage._edit(path, "amount", "")


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(process.OutOfTimeError):
        process.spend(["sleep", "60"], tmp_path, {}, limit_s=0.1)


def test_a_command_that_fails_tells_what_it_said_last(tmp_path: Path) -> None:
    (tmp_path / "fails.sh").write_text("echo began; echo cannot go on >&2; exit 3")
    with pytest.raises(process.FailedError, match=r"(?s)ended with 3: began.*cannot go on"):
        process.spend(["sh", "fails.sh"], tmp_path, {})
    assert process.spend(["sh", "fails.sh"], tmp_path, {}, codes=(0, 3)).wall_s > 0


def test_time_and_memory_are_those_of_children_too(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import time\nkept = b'1' * 100_000_000\nwhile time.process_time() < 0.5:\n    pass\ntime.sleep(0.5)\n"
    )
    twice = f"{sys.executable} work.py & {sys.executable} work.py & wait"
    spent = process.spend(["sh", "-c", twice], tmp_path, {}, limit_s=60)
    assert spent.processor_s >= 1
    assert 150 < spent.memory_mb < 300


def test_rows_bring_along_what_they_need() -> None:
    assert [row.name for row in chosen(("leaf_back",))] == ["first_checked", "leaf", "leaf_back"]
    assert [row.name for row in chosen(("load_warm",))] == ["load_warm"]
    with pytest.raises(AssertionError, match="there is no row lunch"):
        chosen(("lunch",))


def test_who_failed_after_a_round_is_told_to_have_failed() -> None:
    measured = Measured(ROWS[0], "dbt", (process.Spent(2.0, 1.0, 100),), "failed")
    assert "| 2.00, then failed |" in markdown([measured], Circumstances(10, 50, 2, {}, 0.0))


def test_a_plot_is_a_picture_that_says_what_it_shows() -> None:
    lines = [
        plot.Line("plan", "plan", ((100, 0.5), (10_000, 40.0))),
        plot.Line("load <cold>", "load", ((100, 1.0), (10_000, 1_900.0))),
    ]
    drawn = plot.draw("Seconds", lines, across="models", up="seconds")
    root = ElementTree.fromstring(drawn)
    assert "plan: 0.5 at 100, 40 at 10,000" in root.attrib["aria-label"]
    assert {"models", "seconds", "10,000", "load <cold>: 1,900"} <= {each.text for each in root.iter() if each.text}
    assert "prefers-color-scheme: dark" in drawn


@pytest.mark.slow
def test_a_small_run_tells_every_row_and_agrees_with_bare_sql(tmp_path: Path) -> None:
    """The script itself compares what Dryland and the bare statements show."""
    said = ran(tmp_path, "--n", "30", "--peers", "")
    assert said.startswith("# 30 models, 150 checks\n") and said.strip() == (tmp_path / "scale.md").read_text().strip()
    found = medians(tmp_path)
    assert {row for row, tool in found if tool == "dryland"} == {
        "load_cold", "load_warm", "first", "first_checked", "plan_cold", "plan", "release",
        "leaf", "leaf_back", "environment", "everything", "everything_back",
    }  # fmt: skip
    assert {row for row, tool in found if tool == "duckdb"} == {"first", "first_checked"}
    assert all(each["note"] == "" and len(each["runs"]) == 1 for each in found.values())
    assert all(each["wall_s"] > 0 and each["processor_s"] > 0 and each["memory_mb"] > 10 for each in found.values())


@pytest.mark.slow
def test_growth_is_drawn(tmp_path: Path) -> None:
    ran(tmp_path, "--sizes", "10,20", "--rows", "load_cold,plan", script="growth.py")
    assert "| nothing changed: plan |" in (tmp_path / "growth.md").read_text()
    by_size = json.loads((tmp_path / "growth.json").read_text())
    assert {size: (told["models"], told["checks"]) for size, told in by_size.items()} == {
        "10": (10, 50),
        "20": (20, 100),
    }
    for name in ("wall_s", "processor_s", "memory_mb"):
        ElementTree.parse(tmp_path / f"growth_{name}.svg")


@pytest.mark.slow
@pytest.mark.dbt
def test_dbt_shows_the_same_rows(tmp_path: Path) -> None:
    if not is_installed("dbt"):
        pytest.skip("dbt is not installed: `make test` installs it")
    ran(tmp_path, "--n", "12", "--peers", "dbt", "--rows", "leaf,environment")
    assert {row for row, tool in medians(tmp_path) if tool == "dbt"} == {
        "first_checked", "leaf", "leaf_back", "environment",
    }  # fmt: skip


@pytest.mark.slow
def test_sqlmesh_shows_the_same_rows(tmp_path: Path) -> None:
    if not is_installed("sqlmesh"):
        pytest.skip("SQLMesh is not installed: `python benchmarks/scale/compare.py --install` installs it")
    ran(tmp_path, "--n", "12", "--peers", "sqlmesh", "--rows", "leaf,environment")
    assert {row for row, tool in medians(tmp_path) if tool == "sqlmesh"} == {
        "first_checked", "leaf", "leaf_back", "environment",
    }  # fmt: skip
