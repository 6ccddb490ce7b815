"""What counts as the same gives the same rows: the promise on which every reuse stands.

Random queries are changed at random; both run on DuckDB over random data. Where the meanings agree, so must the rows.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from queries import TABLES, changed, queries

from dryland.sql.analyse import analyse
from dryland.sql.meaning import ROWS, Meaning, Part

SETTINGS = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
CELLS = st.one_of(st.none(), st.integers(0, 2))
WORDS = st.one_of(st.none(), st.sampled_from(["x", "y", ""]))
T_ROWS = st.lists(st.tuples(CELLS, CELLS, WORDS), max_size=6)


@dataclass(frozen=True)
class World:
    """The rows of both tables."""

    t: tuple
    u: tuple

    def rows(self, query: str) -> list[dict] | None:
        """The answer; None when DuckDB does not take the query."""
        with duckdb.connect() as connection:
            for name, rows in (("t", self.t), ("u", self.u)):
                first, second, third = TABLES[name]
                connection.execute(f"create table {name} ({first} integer, {second} integer, {third} text)")
                for row in rows:
                    values = ", ".join("null" if cell is None else repr(cell) for cell in row)
                    connection.execute(f"insert into {name} values ({values})")
            try:
                answer = connection.execute(query)
            except duckdb.Error:
                return None
            names = [each[0] for each in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


WORLDS = st.builds(World, T_ROWS.map(tuple), T_ROWS.map(tuple))


@functools.lru_cache(maxsize=2000)
def meaning_of(query: str) -> Meaning:
    return analyse(
        query,
        "duckdb",
        relations={"t": "model.t", "u": "model.u"},
        schemas={"model.t": TABLES["t"], "model.u": TABLES["u"]},
    )


def projected(rows: list[dict], names: tuple[str, ...]) -> Counter:
    return Counter(tuple(row[name] for name in names) for row in rows)


@pytest.mark.slow
@SETTINGS
@given(st.data(), queries(), WORLDS)
def test_parts_that_mean_the_same_have_the_same_rows(data: st.DataObject, before: str, world: World) -> None:
    after = data.draw(changed(before))
    old, new = meaning_of(before), meaning_of(after)
    assume(old.columns is not None and new.columns is not None)
    first, second = world.rows(before), world.rows(after)
    assume(first is not None and second is not None)
    event(f"rows {'same' if old.rows == new.rows else 'differ'}")
    if old.rows == new.rows:
        same = tuple(name for name, part in old.columns.items() if new.columns.get(name) == part)
        event(f"columns kept: {len(same)} of {len(old.columns)}")
        assert projected(first, same) == projected(second, same), f"{before}\n{after}\n{same}"


@pytest.mark.slow
@SETTINGS
@given(queries(), WORLDS, WORLDS, st.sampled_from([(table, name) for table, names in TABLES.items() for name in names]))
def test_a_column_that_is_not_read_does_not_matter(
    query: str, world: World, other: World, cell: tuple[str, str]
) -> None:
    """Other values in an input's column change only what says that it reads it."""
    meaning = meaning_of(query)
    assume(meaning.columns is not None)
    table, name = cell
    place = TABLES[table].index(name)
    values = [row[place] for row in getattr(other, table)] or [None]
    rows = tuple(
        (*row[:place], values[number % len(values)], *row[place + 1 :])
        for number, row in enumerate(getattr(world, table))
    )
    moved = World(rows, world.u) if table == "t" else World(world.t, rows)
    read = (f"model.{table}", name)
    assume(read not in meaning.rows.reads)
    untouched = tuple(column for column, part in meaning.columns.items() if read not in part.reads)
    first, second = world.rows(query), moved.rows(query)
    assume(first is not None and second is not None)
    assert projected(first, untouched) == projected(second, untouched), f"{query}\n{cell}\n{untouched}"


@SETTINGS
@given(queries())
def test_formatting_is_not_meaning(query: str) -> None:
    """Keywords in capitals, other white space, comments, and what a formatter makes of it."""
    loud = sqlglot.parse_one(query, dialect="duckdb").sql("duckdb", pretty=True, comments=False)
    spaced = "-- said before\n" + query.replace(" ", "\n  ").replace("select", "/* here */ SELECT")
    assert meaning_of(spaced) == meaning_of(query)
    assert meaning_of(loud) == meaning_of(query)


@SETTINGS
@given(queries())
def test_the_name_of_a_table_alias_is_not_meaning(query: str) -> None:
    renamed = (
        query.replace(" as p", " as renamed")
        .replace("p.", "renamed.")
        .replace(" as q", " as other")
        .replace("q.", "other.")
    )
    assert meaning_of(renamed) == meaning_of(query)


@SETTINGS
@given(st.data(), queries())
def test_a_query_that_is_not_understood_counts_as_a_whole(data: st.DataObject, query: str) -> None:
    """Rows decide everything then, and any change of the text is a change."""
    opaque = f"select * from ({query}) as z, unnest([1, 2]) as n(v) where z in (select z from t)"
    meaning = meaning_of(opaque)
    if meaning.columns is None:
        after = data.draw(changed(opaque))
        assume(sqlglot.parse_one(after, dialect="duckdb") != sqlglot.parse_one(opaque, dialect="duckdb"))
        assert meaning_of(after).rows != meaning.rows


@pytest.mark.slow
@SETTINGS
@given(queries(), WORLDS, WORLDS, st.sampled_from(sorted(TABLES)))
def test_a_table_that_is_not_read_does_not_matter(query: str, world: World, other: World, table: str) -> None:
    """Not even how many rows it has."""
    meaning = meaning_of(query)
    assume(meaning.columns is not None)
    moved = World(other.t, world.u) if table == "t" else World(world.t, other.u)

    def reads(part: Part) -> bool:
        return any(unique_id == f"model.{table}" for unique_id, _ in part.reads)

    assume(not reads(meaning.rows))
    untouched = tuple(column for column, part in meaning.columns.items() if not reads(part))
    first, second = world.rows(query), moved.rows(query)
    assume(first is not None and second is not None)
    assert projected(first, untouched) == projected(second, untouched), f"{query}\n{table}\n{untouched}"


def test_counting_rows_reads_which_rows_there_are() -> None:
    assert meaning_of("select count(*) as n from t").rows.reads == {("model.t", ROWS)}
    assert meaning_of("select a from t where b = 1").rows.reads == {("model.t", ROWS), ("model.t", "b")}
