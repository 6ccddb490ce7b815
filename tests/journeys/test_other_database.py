"""Models of an attached database are released with all others, and a crash between the two is made good."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from dryland.engines import duckdb_publish


@pytest.fixture
def two(workspace: Any) -> Any:
    """A model in each of two databases, and a reader of the far one. Not released yet."""
    workspace.write("dbt_project.yml", "{name: two, profile: two, models: {+materialized: table}}")
    workspace.write(
        "profiles.yml",
        """
        two:
          outputs:
            default: {type: duckdb, path: warehouse.duckdb, attach: [{path: other.duckdb, alias: other}]}
        """,
    )
    workspace.write("models/near.sql", "select 1 as n")
    workspace.write(
        "models/far.sql", "{{ config(database='other', schema='far') }} select n * 2 as n from {{ ref('near') }}"
    )
    workspace.write("models/back.sql", "select n + 1 as n from {{ ref('far') }}")
    return workspace


def seen(workspace: Any) -> tuple[int, ...]:
    """What readers of both databases see."""
    with duckdb.connect(str(workspace.root / "warehouse.duckdb")) as reader:
        reader.execute(f"attach '{workspace.root}/other.duckdb' as other")
        return tuple(
            reader.execute(f"select n from {name}").fetchall()[0][0] for name in ("near", "other.main_far.far", "back")
        )


@pytest.mark.slow
def test_a_release_and_its_rollback_reach_both(two: Any) -> None:
    two.dryland("apply", "--yes")
    assert seen(two) == (1, 2, 3)
    two.edit("models/near.sql", "1", "10")
    two.dryland("apply", "--yes")
    assert seen(two) == (10, 20, 21)
    two.dryland("rollback", "--yes")
    assert seen(two) == (1, 2, 3)
    assert "Nothing" not in two.dryland("plan").out
    two.edit("models/near.sql", "10", "1")
    assert "Nothing" in two.dryland("plan").out


def test_whoever_is_killed_in_between_is_completed_by_the_next_command(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.dryland("apply", "--yes")
    two.edit("models/near.sql", "1", "10")
    with monkeypatch.context() as killed:

        def kill(*_: Any) -> None:
            raise KeyboardInterrupt

        killed.setattr(duckdb_publish, "complete", kill)
        two.dryland("apply", "--yes", code=130)
        assert seen(two) == (10, 2, 21)
        killed.undo()
    assert "Nothing" in two.dryland("plan").out
    assert seen(two) == (10, 20, 21)


def test_what_others_made_there_is_not_taken_over(two: Any) -> None:
    with duckdb.connect(str(two.root / "other.duckdb")) as other:
        other.execute("create schema main_far; create table main_far.far as select 99 as n")
    said = two.dryland("apply", "--adopt", "--yes", code=2)
    assert "another database than the store" in said.err
    with duckdb.connect(str(two.root / "other.duckdb")) as other:
        assert other.execute("from main_far.far").fetchall() == [(99,)]
