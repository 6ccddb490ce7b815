"""Keys that lie close together are shown to be unique by marking each in a set of bits; all others by grouping."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from dryland.check.scan import Measure, ScanRequest, scan
from dryland.engines.protocol import Rows
from dryland.engines.relation import Column, Relation

ROWS = 150_000
ALIKE = "(SELECT COUNT(*) FROM (SELECT k FROM keys WHERE NOT k IS NULL GROUP BY k HAVING COUNT(*) > 1))"


class Asking:
    """Answers, and remembers what was asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.asked: list[str] = []

    def fetch(self, sql: str) -> Rows:
        self.asked.append(sql)
        rows = self.connection.execute(sql).fetchall()
        return Rows(tuple(each[0] for each in self.connection.description or ()), tuple(rows))


def failures(values: str, kind: str = "BIGINT", *, is_stored: bool = True) -> tuple[int, bool]:
    """What is said of keys, and whether bits said it."""
    with duckdb.connect() as connection:
        connection.execute(f"create table keys as select ({values})::{kind} as k from range({ROWS}) t(i)")
        session = Asking(connection)
        alike = Measure("unique", exp.maybe_parse(ALIKE, dialect="duckdb"), key=exp.column("k", quoted=True))
        request = ScanRequest(
            Relation("memory", "main", "keys"), (Column("k", kind),), (alike,), profile=False, is_stored=is_stored
        )
        found = scan(session, request, "duckdb").failures["unique"]  # type: ignore[arg-type]
    return found, not any("GROUP BY" in sql for sql in session.asked)


@pytest.mark.parametrize(
    "values",
    ["i", "i - 75000", "i * 31", "-9000000000000000000 + i * 2", "case when i % 10 > 0 then i end"],
    ids=["in a row", "around zero", "with gaps", "far below zero", "with nulls"],
)
def test_close_keys_are_shown_unique_by_bits(values: str) -> None:
    assert failures(values) == (0, True)


@pytest.mark.parametrize(("values", "alike"), [("i // 2", ROWS // 2), ("greatest(i, 1)", 1), ("least(i, 149998)", 1)])
def test_what_is_there_twice_is_counted(values: str, alike: int) -> None:
    assert failures(values) == (alike, False)


@pytest.mark.parametrize("values", ["i * 1000", "case when i = 7 then 9000000000000000000 else i end", "null"])
def test_keys_far_apart_are_grouped(values: str) -> None:
    assert failures(values) == (0, False)


def test_bits_are_no_statistic() -> None:
    """What the warehouse knows is asked apart from what it has to scan for."""
    with duckdb.connect() as connection:
        connection.execute(f"create table keys as select i as k from range({ROWS}) t(i)")
        session = Asking(connection)
        alike = Measure("unique", exp.maybe_parse(ALIKE, dialect="duckdb"), key=exp.column("k", quoted=True))
        request = ScanRequest(Relation("memory", "main", "keys"), (Column("k", "BIGINT"),), (alike,), is_stored=True)
        profile = scan(session, request, "duckdb").profile  # type: ignore[arg-type]
    assert profile is not None and profile.rows == ROWS
    bounds, statistics, rest = session.asked
    assert "MIN" in bounds and "MIN" in statistics
    assert ["BIT_COUNT" in sql.upper() for sql in (bounds, statistics, rest)] == [False, False, True]


def test_what_is_no_table_is_not_asked_for_its_bounds() -> None:
    """A view would be worked out twice."""
    assert failures("i", is_stored=False) == (0, False)
