"""Small new tables without checks are looked at later and many at a time; nobody can tell but by the time it takes."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from dryland.build.later import TABLES_MAX, Later
from dryland.engines.duckdb_session import DuckDBSession
from dryland.platform import Platform
from dryland.release.outcome import Outcome
from dryland.state.records import Profile
from dryland.state.store import State

MODELS = 45
AS_BEFORE = lambda *_: False  # noqa: E731 - each is looked at by the task that makes it


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: many\nprofile: many\n")
    (tmp_path / "profiles.yml").write_text("many: {target: d, outputs: {d: {type: duckdb, path: warehouse.duckdb}}}\n")
    (tmp_path / "models/raw.yml").write_text("sources: [{name: raw, schema: raw, tables: [{name: orders}]}]\n")
    load(tmp_path)
    for number in range(MODELS):
        read = "{{ source('raw', 'orders') }}" if number < 5 else f"{{{{ ref('m{number - 5}') }}}}"
        kind = "view" if number < 5 or number % 7 == 0 else "table"
        write(tmp_path, number, f"select id + {number} as id, name, id / 2.0 as half from {read}", kind)
    return tmp_path


def load(root: Path) -> None:
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.orders as select range as id, 'n' || range as name from range(1000)")


def write(root: Path, number: int, query: str, kind: str = "table") -> None:
    (root / f"models/m{number}.sql").write_text(f"{{{{ config(materialized='{kind}') }}}}\n{query}\n")


def released(root: Path) -> tuple[Outcome, dict[str, Profile]]:
    """What an `apply` comes to, and what is remembered of each build."""
    with Platform.open(root) as platform:
        outcome = platform.apply(platform.plan())
        return outcome, profiles(platform.state, outcome)


def profiles(state: State, outcome: Outcome) -> dict[str, Profile]:
    keys = {step.build_key: step.node for step in outcome.steps if step.build_key}
    return {keys[key]: profile for key, profile in state.profiles(keys).items()}


def test_what_is_remembered_is_what_was_before(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> None:
    asked: list[str] = []
    run = DuckDBSession._run
    monkeypatch.setattr(DuckDBSession, "_run", lambda session, sql: (asked.append(sql), run(session, sql))[1])
    outcome, found = released(root)
    looks = [sql for sql in asked if "GROUP BY number" in sql]
    assert MODELS / TABLES_MAX <= len(looks) < MODELS / 2
    assert outcome.status == "published" and len(found) == MODELS

    other = tmp_path_factory.mktemp("again") / "again"
    shutil.copytree(root, other, ignore=shutil.ignore_patterns(".dryland", "warehouse.duckdb*", "target"))
    load(other)
    monkeypatch.setattr(Later, "takes", AS_BEFORE)
    before, expected = released(other)
    assert found == expected
    rows = {step.node: step.rows for step in outcome.steps}
    assert rows == {step.node: step.rows for step in before.steps}
    assert all(count == 1000 for count in rows.values())


@pytest.mark.parametrize("is_before", [False, True])
def test_what_cannot_be_read_is_not_released(root: Path, monkeypatch: pytest.MonkeyPatch, *, is_before: bool) -> None:
    """Though others were made of it by then."""
    if is_before:
        monkeypatch.setattr(Later, "takes", AS_BEFORE)
    write(root, 100, "select name::int as id from {{ source('raw', 'orders') }}", "view")
    write(root, 101, "select 1 as id from {{ ref('m100') }} where false", "view")
    outcome, found = released(root)
    assert outcome.status == "failed" and outcome.release is None
    assert "Could not convert string 'n0'" in outcome.blocked["model.many.m100"]
    assert outcome.blocked["model.many.m101"].startswith("reads m100") or is_before
    failed = [step.node for step in outcome.steps if step.status == "failed"]
    assert failed == ["model.many.m100"]
    assert len(found) >= MODELS  # the others, which the next release finds

    (root / "models/m100.sql").unlink()
    (root / "models/m101.sql").unlink()
    again, _ = released(root)
    assert again.status == "published"
