"""What only moves pointers parses no SQL: verbs that do not need it do not wait for it to be imported."""

from __future__ import annotations

import pytest

NEEDLESS = ("sqlglot", "jinja2", "sqlalchemy.dialects.postgresql", "dryland.build.execute")


def imported(done) -> set[str]:
    return {line.rpartition("|")[2].strip() for line in done.err.splitlines() if "|" in line}


@pytest.mark.parametrize("verb", [("env", "create", "dev_ana"), ("rollback", "--yes")], ids=" ".join)
def test_pointers_are_moved_without_what_builds_need(released, verb) -> None:
    released.edit("models/marts/big_spenders.sql", "20", "30")
    released.dryland("apply", "--yes")
    found = imported(released.process(*verb, PYTHONPROFILEIMPORTTIME="1"))
    assert "dryland.release.publish" in found
    assert not found & set(NEEDLESS)


def test_a_plan_of_what_is_known_reads_no_sql(released) -> None:
    """Where the warehouse is not what it was it is worked out again, of meanings that are kept."""
    released.process("plan")
    released.arrives("create schema elsewhere")
    found = imported(released.process("plan", PYTHONPROFILEIMPORTTIME="1"))
    assert "dryland.plan.make" in found
    assert not found & set(NEEDLESS)


def test_the_end_of_a_process_is_silent(released) -> None:
    """DuckDB 2 tells on stderr of whatever of it is still there when Python has ended."""
    assert released.process("query", "select 1 as one").err == ""
