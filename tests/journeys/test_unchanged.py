"""That there is nothing to do is said again at once, and only while nothing happened anywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dryland import platform as front_door

HEAVY = ("sqlglot", "duckdb", "sqlalchemy", "jinja2", "pydantic")
NOTHING = "Nothing to do: prod is what the project says.\n"


@pytest.fixture
def planned(released, monkeypatch) -> Callable[..., bool]:
    """Plans, and says whether that had to be worked out."""
    real = front_door.Platform._planned
    worked: list[bool] = []

    def noted(self, *arguments, **named):
        worked.append(True)
        return real(self, *arguments, **named)

    monkeypatch.setattr(front_door.Platform, "_planned", noted)

    def planned(*words: str) -> bool:
        worked.clear()
        released.dryland("plan", *words)
        return bool(worked)

    return planned


def test_what_was_planned_once_is_known_then(released, planned) -> None:
    assert [planned(), planned(), planned()] == [True, False, False]
    assert released.dryland("plan").out == NOTHING
    assert released.dryland("apply", "--yes").out == NOTHING
    assert released.dryland("plan", "--json").json["steps"]


@pytest.mark.parametrize(
    "happens",
    [
        lambda shop: shop.edit("models/marts/big_spenders.sql", "20", "30"),
        lambda shop: shop.write("models/marts/another.sql", "select 1 as n"),
        lambda shop: shop.edit("models/schema.yml", "[unique, not_null]", "[unique]"),
        lambda shop: shop.write("dryland.yml", "default_environment: main\n"),
        lambda shop: shop.arrives("drop view main.big_spenders"),
        lambda shop: shop.arrives("create schema elsewhere"),
        lambda shop: (shop.root / "warehouse.duckdb").unlink(),
        lambda shop: shop.dryland("env", "create", "dev_ana"),
        lambda shop: (shop.root / ".dryland/state.db").unlink(),
    ],
    ids=[
        "an edit", "a new model", "a check less", "a setting", "a view is dropped", "somebody writes",
        "the warehouse is gone", "an environment is made", "the metadata are gone",
    ],
)  # fmt: skip
def test_whatever_happens_it_is_planned_again(released, planned, happens) -> None:
    planned()
    assert planned() is False
    happens(released)
    assert planned() is True


def test_a_rollback_is_seen(released, planned) -> None:
    released.edit("models/marts/big_spenders.sql", "20", "30")
    released.dryland("apply", "--yes")
    planned()
    assert planned() is False
    released.dryland("rollback", "--yes")
    assert released.building() or "big_spenders" in released.dryland("plan").out


def test_environments_are_known_each_for_itself(released, planned) -> None:
    released.dryland("env", "create", "dev_ana")
    assert [planned(), planned("-e", "dev_ana"), planned(), planned("-e", "dev_ana")] == [True, True, False, False]


@pytest.mark.parametrize("words", [["-s", "stg_orders"], ["--run"], ["--full-refresh"]])
def test_what_is_about_something_else_is_always_worked_out(planned, words) -> None:
    planned()
    assert planned(*words) is True
    assert planned(*words) is True


def test_what_the_clock_decides_is_always_worked_out(released, planned) -> None:
    released.write("models/marts/timed.sql", "select now() as at")
    released.dryland("apply", "--yes")
    planned()
    assert planned() is True


def test_a_source_that_is_a_file_is_always_looked_at(released, planned) -> None:
    (released.root / "rows.csv").write_text("id\n1\n")
    released.write(
        "models/sources.yml",
        """
        sources:
          - name: files
            meta: {external_location: "rows.csv"}
            tables: [{name: rows}]
        """,
    )
    released.write("models/marts/of_file.sql", "select id from {{ source('files', 'rows') }}")
    released.dryland("apply", "--yes")
    planned()
    assert planned() is True


def test_a_source_in_another_database_is_always_looked_at(released, planned) -> None:
    """Its file is not the warehouse's, and a column that comes there is a change here."""
    released.arrives("create table rows as select 1 as id", warehouse="other.duckdb")
    released.edit("profiles.yml", "path: warehouse.duckdb", "path: warehouse.duckdb, attach: [{path: other.duckdb}]")
    released.write(
        "models/sources.yml",
        "sources: [{name: other, database: other, schema: main, tables: [{name: rows}]}]",
    )
    released.write("models/marts/of_other.sql", "select * from {{ source('other', 'rows') }}")
    released.dryland("apply", "--yes")
    assert [planned(), planned()] == [True, True]
    released.arrives("alter table rows add column more integer", warehouse="other.duckdb")
    assert planned() is True
    assert "of_other" in released.dryland("plan").out


def test_while_somebody_writes_nothing_is_said_from_memory(released, planned) -> None:
    planned()
    assert planned() is False
    beside = released.root / ".dryland/state.db-wal"
    beside.write_bytes(b"")
    assert planned() is True


def test_a_release_without_artifacts_writes_them(released, planned) -> None:
    planned()
    manifest = released.root / "target/manifest.json"
    manifest.unlink()
    assert released.dryland("apply", "--yes").out == NOTHING
    assert manifest.exists()


def test_the_way_that_is_gone_when_nothing_changed_imports_nothing_heavy(released) -> None:
    """Neither the warehouse is opened nor the metadata, and no SQL is read."""
    released.process("plan")
    done = released.process("plan", PYTHONPROFILEIMPORTTIME="1")
    assert done.out == NOTHING
    imported = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "dryland.platform" in imported
    assert not imported & {*HEAVY}, sorted(imported & {*HEAVY})


def test_what_checks_said_is_known_too(released) -> None:
    """The first time the tables that did not change are remembered one by one; from then on all of it is known."""
    first = released.dryland("check", "--json", code=None).json
    second, third = (released.dryland("check", "--json").json for _ in range(2))
    assert second == third
    assert len(first["verdicts"]) == len(third["verdicts"])
    done = released.process("check", PYTHONPROFILEIMPORTTIME="1")
    assert not {*HEAVY} & {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "passed" in done.out
    (released.root / "target/run_results.json").unlink()
    released.dryland("check")
    assert (released.root / "target/run_results.json").exists()


def test_a_check_that_is_asked_again_is_asked(released) -> None:
    for _ in range(3):
        released.dryland("check")
    released.arrives("drop view main.stg_orders")
    assert "remembered" in released.dryland("check").out
    assert "remembered" not in released.dryland("check", "--again").out
