"""Fills three small tables with random rows, and asks DuckDB what queries make of them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
from hypothesis import strategies as st
from queries import LISTS, TABLES, WORDS

from dryland.sql.analyse import analyse
from dryland.sql.meaning import Meaning

CELLS = st.one_of(st.none(), st.integers(0, 2))
TEXTS = st.one_of(st.none(), st.sampled_from(["x", "y", ""]))
MANY = st.lists(st.integers(0, 2), max_size=2).map(tuple)

Rows = tuple[tuple, ...]
Answer = list[dict[str, object]]


def rows_of(table: str) -> st.SearchStrategy[Rows]:
    """A few rows, with nulls and duplicates."""
    cells = [TEXTS if name in WORDS else MANY if name in LISTS else CELLS for name in TABLES[table]]
    return st.lists(st.tuples(*cells), max_size=5).map(tuple)


@dataclass(frozen=True)
class World:
    """The rows of every table."""

    rows: Mapping[str, Rows]

    def answer(self, query: str, views: Sequence[tuple[str, str]] = ()) -> Answer | None:
        """What the query gives, over views if there are any; None when DuckDB does not take it."""
        connection = _connection()
        for table, rows in self.rows.items():
            connection.execute(f"truncate {table}")
            if rows:
                values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
                connection.execute(f"insert into {table} values {values}")
        try:
            for name, view in views:
                connection.execute(f"create or replace temp table {name} as {view}")
            found = connection.execute(query)
            names = [each[0].lower() for each in found.description]
            return [dict(zip(names, map(_hashable, row), strict=True)) for row in found.fetchall()]
        except duckdb.Error:
            return None

    def with_rows(self, table: str, rows: Rows) -> World:
        """The same but for one table."""
        return replace(self, rows={**self.rows, table: rows})


WORLDS = st.builds(World, st.fixed_dictionaries({table: rows_of(table) for table in TABLES}))


@functools.lru_cache(maxsize=4000)
def meaning_of(query: str, known: frozenset[str] = frozenset(TABLES)) -> Meaning:
    """The meaning, when the columns of these tables are known."""
    schemas = {f"model.{table}": names for table, names in TABLES.items() if table in known}
    return analyse(query, "duckdb", relations={table: f"model.{table}" for table in TABLES}, schemas=schemas)


def projected(rows: Answer, names: Sequence[str]) -> Counter:
    """The rows as a multiset, only these columns."""
    return Counter(tuple(row[name] for name in names) for row in rows)


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    for table, names in TABLES.items():
        types = ["text" if name in WORDS else "integer[]" if name in LISTS else "integer" for name in names]
        connection.execute(f"create table {table} ({', '.join(map(' '.join, zip(names, types, strict=True)))})")
    return connection


def _literal(cell: object) -> str:
    return "null" if cell is None else repr(list(cell)) if isinstance(cell, tuple) else repr(cell)


def _hashable(cell: object) -> object:
    return repr(cell) if isinstance(cell, list | dict) else cell
