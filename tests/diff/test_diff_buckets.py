"""Equal tables cost one scan each, different ones a join of what differs, no more at once than is told."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from dryland.diff.compare import compare
from dryland.diff.request import DiffRequest
from dryland.diff.side import Side
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation

ASKED = DiffRequest("t", "duckdb", ("id",))


class Watched(DuckDBSession):
    """A session that remembers what it was asked."""

    asked: tuple[str, ...] = ()

    def _run(self, sql: str) -> None:
        self.asked = (*self.asked, sql)
        super()._run(sql)

    def reading(self, name: str) -> list[str]:
        return [sql for sql in self.asked if f'"{name}"' in sql]


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        connection.execute("create table b as select i as id, i % 7 as n from range(20000) t(i)")
        yield Watched(connection)


def side(session: Watched, name: str, query: str = "") -> Side:
    if query:
        session.execute(f"create or replace table {name} as {query}")
    relation = Relation("memory", "main", name)
    found = Side(session, relation, session.columns([relation])[relation])
    session.asked = ()
    return found


def test_equal_tables_are_read_once_each(session) -> None:
    before, after = side(session, "b"), side(session, "a", "from b order by id desc")
    assert compare(before, after, ASKED).status == "equal"
    assert len(session.reading("a")) == len(session.reading("b")) == 1
    assert session.reading("a")[0].count('"main"."a"') == 1


def test_different_tables_are_read_once_more_and_only_where_they_differ(session) -> None:
    before, after = side(session, "b"), side(session, "a", "select id, n + (id = 77)::int as n from b")
    assert compare(before, after, ASKED).changed == 1
    _, second = session.reading("a")
    assert "JOIN" in second and "WHERE bucket IN" in second


@pytest.mark.parametrize(("at_once", "batches"), [(40_000, 1), (20_000, 2), (10_000, 4), (0, 1)])
def test_no_more_rows_are_joined_at_once_than_told(session, at_once, batches) -> None:
    """Give or take a bucket."""
    before, after = side(session, "b"), side(session, "a", "select id, n + 1 as n from b")
    found = compare(before, after, replace(ASKED, rows_at_once=at_once, shifts=False))
    assert found.changed == 20_000
    assert len(session.reading("a")) - 1 == batches


def test_rows_that_swap_values_are_seen(session) -> None:
    """All values are there as often as before, in one bucket."""
    before = side(session, "b")
    after = side(session, "a", "select id, case id % 2 when 0 then (id + 1) % 7 else (id - 1) % 7 end as n from b")
    swapped = session.fetch("select count(*) from a join b using (id) where a.n <> b.n").rows[0][0]
    assert compare(before, after, replace(ASKED, buckets=1)).changed == swapped


def test_a_key_that_stands_for_thousands_of_rows_is_not_joined_by(session) -> None:
    """By such a key a join would have 400 million rows."""
    before = side(session, "b", "select 1 as id, i as n from range(20000) t(i)")
    after = side(session, "a", "select 1 as id, i + 1 as n from range(20000) t(i)")
    found = compare(before, after, ASKED)
    assert (found.key, found.added, found.removed) == ((), 1, 1)
    assert not any("OUTER JOIN" in sql and " AS b0" in sql for sql in session.asked)
