"""Snapshots remember as dbt's do, row for row, and leave the last generation alone until a gate has said yes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlglot
from snapshot_worlds import WORLDS, World, content, statements, write_project, write_snapshot

from dryland.build.snapshot_statements import Versioning, changes, put_in
from dryland.build.snapshot_strategies import strategy_of
from dryland.engines.relation import Relation
from dryland.project.nodes import Node, Place
from dryland.project.snapshot_settings import settings_of

MOMENT = datetime(2019, 1, 1, tzinfo=UTC)
STORE = Relation("db", "store", "t")

LAST_DAY = max(len(world.days) for world in WORLDS.values())


@pytest.mark.dbt
@pytest.mark.slow
def test_every_day_is_remembered_as_dbt_remembers_it(workspace: Any, dbt: Callable[..., str]) -> None:
    """Columns in their order, types and rows; the moment of the run is the only thing that differs."""
    write_project(workspace, WORLDS)
    differ = {}
    for day in range(LAST_DAY):
        for warehouse in ("warehouse.duckdb", "dbt.duckdb"):
            workspace.arrives(*statements(WORLDS, day), warehouse=warehouse)
        for name, world in WORLDS.items():
            if day in world.changes:
                write_snapshot(workspace, name, world, day)
        for verb in (
            ("run", "apply") if day else ("apply",)
        ):  # what `run` leaves has other code, or other columns behind it
            workspace.dryland(verb, "--yes")
        dbt("snapshot")
        for name, world in WORLDS.items():
            ours, theirs = (content(workspace, name, world, each) for each in ("warehouse.duckdb", "dbt.duckdb"))
            if ours != theirs:
                differ[name, day] = (ours, theirs)
    assert not differ, "\n".join(f"{key}\n  {ours}\n  {theirs}" for key, (ours, theirs) in differ.items())


FAST = ("timed_new_record", "checked_invalidate", "to_the_end", "own_strategy")
OF_BO = "select amount, {from_}::varchar, {to}::varchar from main.{name} where id = 2 order by {from_}"


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory, workspace_at: Callable[..., Any]) -> Any:
    """A few of these worlds, played by Dryland alone."""
    workspace = workspace_at(tmp_path_factory.mktemp("three_days"))
    worlds = {name: WORLDS[name] for name in FAST}
    write_project(workspace, worlds)
    for day in range(4):
        workspace.arrives(*statements(worlds, day))
        workspace.dryland("run" if day else "apply", "--yes")
    return workspace


def test_a_version_ends_when_the_next_begins(three_days: Any) -> None:
    names = {"from_": "dbt_valid_from", "to": "dbt_valid_to"}
    assert three_days.sql(OF_BO.format(name="timed_new_record", **names)) == [
        (20, "2019-01-01 09:30:15.25", "2019-01-02 10:00:00"),
        (21, "2019-01-02 10:00:00", "2019-01-05 00:00:00"),
        (22, "2019-01-05 00:00:00", None),
    ]
    assert [to for _, _, to in three_days.sql(OF_BO.format(name="to_the_end", **names))][-1] == "9999-12-31 00:00:00"


def test_a_row_that_is_gone_is_a_version_until_it_comes_back(three_days: Any) -> None:
    rows = three_days.sql(
        "select amount, dbt_is_deleted, dbt_valid_to is null from main.timed_new_record where id = 1 "
        "order by dbt_valid_to nulls last, dbt_is_deleted"
    )
    assert sorted(rows) == [(10, "False", False), (10, "True", False), (11, "False", True)]


def test_the_moment_of_a_run_is_one(three_days: Any) -> None:
    """What ends because it is gone ends when what begins by its columns begins, to the microsecond."""
    moments = (
        "select dbt_valid_from from main.checked_invalidate union select dbt_valid_to from main.checked_invalidate"
    )
    assert three_days.sql(f"select count(*) from ({moments}) where dbt_valid_from is not null") == [(3,)]


def test_a_strategy_of_the_projects_own_decides(three_days: Any) -> None:
    """`louder` knows higher amounts only, and ends what is gone."""
    rows = three_days.sql("select id, amount, dbt_valid_to is null from main.own_strategy order by all")
    assert rows == [(1, 10, False), (1, 11, True), (2, 20, False), (2, 21, False), (2, 22, True), (3, 30, True)]


def test_a_strategys_code_is_the_snapshots(three_days: Any) -> None:
    before = (three_days.root / "macros/strategies.sql").read_text()
    three_days.edit("macros/strategies.sql", "amount < ", "amount <> ")
    try:
        steps = three_days.dryland("plan", "--json").json["steps"]
    finally:
        three_days.write("macros/strategies.sql", before)
    assert [step["node"] for step in steps if step["action"] == "build"] == ["snapshot.memory.own_strategy"]


def test_a_strategy_that_says_too_little_is_told(workspace: Any) -> None:
    write_project(workspace, {"own_strategy": WORLDS["own_strategy"]})
    workspace.edit("macros/strategies.sql", '"row_changed"', '"changed"')
    workspace.arrives(*statements({"own_strategy": WORLDS["own_strategy"]}, 0))
    refused = workspace.dryland("apply", "--yes", code=3)
    assert "macros/strategies.sql:1: the macro `snapshot_louder_strategy` does not say `row_changed`" in refused.out


def test_a_key_is_one_expression_or_a_list(workspace: Any) -> None:
    world = World({**WORLDS["timed"].config, "unique_key": "id, name"})
    write_project(workspace, {"timed": world})
    workspace.arrives(*statements({"timed": world}, 0))
    refused = workspace.dryland("apply", "--yes", code=3)
    assert "the unique_key of the snapshot `timed` is no expression: id, name" in refused.out


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "snowflake", "bigquery", "redshift", "databricks"])
@pytest.mark.parametrize("name", ["timed_new_record", "own_names", "key_of_two_new_record", "to_the_end_new_record"])
def test_the_statements_parse_in_every_dialect(dialect: str, name: str) -> None:
    """A whole generation is three statements, whatever it remembers."""
    settings = settings_of(WORLDS[name].config)
    node = Node("snapshot.m.s", "snapshot", "s", "m", Place("s.sql"), "sql", "", "", "snapshot", STORE, ("m", "s"))
    strategy = strategy_of(node, settings, moment=MOMENT, compared=["Order Id"], told={}, dialect="duckdb")
    versioning = Versioning(settings, strategy, MOMENT)
    found = [changes(versioning, STORE, STORE, ["Order Id"]), *put_in(versioning, STORE, STORE, ["Order Id"])]
    assert len(found) == 3
    for statement in found:
        text = statement.sql(dialect=dialect)
        assert sqlglot.parse_one(text, dialect=dialect)
        assert text.count("Order Id") == 0 or any(f"{quote}Order Id{quote}" in text for quote in '"`')


HEADERS = {
    "table": ("{{ config(materialized='table', sql_header=\"create or replace temp macro twice(x) as x * 2;\") }}\n"),
    "called": (
        "{{ config(materialized='table') }}\n{% call set_sql_header(config) %}"
        "create or replace temp macro twice(x) as x * 2; create or replace temp macro half(x) as x / 2;"
        "{% endcall %}\n"
    ),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_runs_before_the_table_is_made(workspace: Any, header: str) -> None:
    write_project(workspace, {})
    workspace.write("models/answer.sql", HEADERS[header] + "select twice(21) as answer")
    workspace.dryland("apply", "--yes")
    assert workspace.sql("select answer from main.answer") == [(42,)]


def test_a_header_that_names_a_table_is_refused(workspace: Any) -> None:
    write_project(workspace, {})
    workspace.write("models/answer.sql", "{{ config(sql_header='select * from ' ~ ref('other')) }} select 1 as answer")
    workspace.write("models/other.sql", "select 1 as id")
    refused = workspace.dryland("apply", "--yes", code=2)
    assert "models/answer.sql:1: the sql_header of `answer` names a table" in refused.err


def test_a_header_is_code(workspace: Any) -> None:
    write_project(workspace, {})
    workspace.write("models/answer.sql", HEADERS["table"] + "select twice(21) as answer")
    workspace.dryland("apply", "--yes")
    workspace.edit("models/answer.sql", "x * 2", "x * 3")
    workspace.dryland("apply", "--yes")
    assert workspace.sql("select answer from main.answer") == [(63,)]
