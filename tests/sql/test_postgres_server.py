"""What is said of PostgreSQL's dialect is what a real server does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from postgres_queries import SETUP, TABLES, queries
from sqlglot import exp
from sqlglot.dialects import Dialect

from dryland.errors import SqlError
from dryland.sql.analyse import analyse
from dryland.sql.cte_reference import is_cte_reference
from dryland.sql.meaning import Meaning
from dryland.sql.parse import parse_query
from dryland.sql.postgres_words import AGGREGATES, SCALARS, SET_RETURNING
from dryland.sql.substitute import substitute

pytestmark = pytest.mark.slow  # starts a server

OF_SYNTAX = {"json_arrayagg", "json_objectagg"}  # aggregates of the grammar, which the catalogue does not list
INSERTED = "( ) not distinct 1 2 a b 'x' - all desc ::text ::int is null = up".split()
OF_SERVER = ("pg_", "lo_", "brin_", "gin_", "binary_upgrade_", "has_", "to_reg", "RI_")
MADE_FOR_THE_SERVER = """
    amvalidate plpgsql_call_handler plpgsql_validator getdatabaseencoding currtid2 loread lowrite get_current_ts_config
    getpgusername fmgr_c_validator fmgr_internal_validator fmgr_sql_validator
""".split()


@pytest.fixture(scope="module")
def server(postgres_server: Any) -> Iterator[psycopg.Connection[Any]]:
    name = postgres_server.new_database()
    with postgres_server.connect(name) as connection:
        connection.execute("set timezone = 'UTC'; set statement_timeout = '3s'")
        connection.execute(SETUP)
        yield connection
    postgres_server.drop_database(name)


def meaning_of(sql: str, *, is_known: bool = True) -> Meaning | None:
    schemas = {f"model.{table}": columns for table, columns in TABLES.items()} if is_known else {}
    try:
        return analyse(sql, "postgres", relations={table: f"model.{table}" for table in TABLES}, schemas=schemas)
    except SqlError:
        return None


def answer(server: psycopg.Connection[Any], sql: str) -> tuple[tuple[Any, ...], list[str]] | None:
    """Names and types of the columns, and the rows in one order; None when the server does not take it."""
    try:
        found = server.execute(sql)
        if found.description is None:
            return None
        return tuple((each.name, each.type_code) for each in found.description), sorted(map(repr, found.fetchall()))
    except psycopg.Error:  # also of values that Python cannot hold, such as dates before the year 1
        return None


def called(server: psycopg.Connection[Any], condition: str) -> set[str]:
    rows = server.execute(
        f"select distinct proname from pg_proc where pronamespace = 'pg_catalog'::regnamespace and {condition}"
    )
    return {row[0] for row in rows.fetchall()}


def test_the_lists_of_functions_are_the_servers(server: psycopg.Connection[Any]) -> None:
    several, volatile = called(server, "proretset"), called(server, "provolatile = 'v' and prokind = 'f'")
    assert called(server, "prokind = 'a'") == AGGREGATES - OF_SYNTAX
    assert called(server, "prokind in ('f', 'w')") >= SCALARS and not SCALARS & (AGGREGATES | several | volatile)
    assert several >= SET_RETURNING


def test_all_that_the_server_says_is_volatile_is_known(server: psycopg.Connection[Any]) -> None:
    of_server = "'internal'::regtype = any(proargtypes) or prorettype in ('internal'::regtype, 'trigger'::regtype)"
    handlers = "prorettype in ('index_am_handler'::regtype, 'table_am_handler'::regtype, 'tsm_handler'::regtype)"
    volatile = called(server, f"provolatile = 'v' and prokind = 'f' and not ({of_server} or {handlers})")
    counts = dict(server.execute("select proname, max(pronargs) from pg_proc group by 1").fetchall())
    asked = {name: f"select {name}({', '.join(['a'] * counts[name])}) as n from t" for name in volatile}
    unknown = {name for name, sql in asked.items() if not name.startswith(OF_SERVER) and not meaning_of(sql).volatile}
    assert unknown <= {*MADE_FOR_THE_SERVER}
    assert len(volatile) > 100


@pytest.mark.parametrize("query", queries())
def test_columns_are_called_as_the_server_calls_them(server: psycopg.Connection[Any], query: str) -> None:
    meaning, found = meaning_of(query), answer(server, query)
    assert meaning is not None and found is not None
    if meaning.columns is not None:
        assert list(meaning.columns) == [name for name, _ in found[0]]


def test_most_of_them_are_understood() -> None:
    """Those that are not count as a whole: it is known which."""
    reasons = {query: meaning.reason for query in queries() if (meaning := meaning_of(query)) and not meaning.columns}
    assert len(reasons) <= 13, reasons


@pytest.mark.parametrize("query", queries())
def test_what_changes_the_answer_changes_the_meaning(server: psycopg.Connection[Any], query: str) -> None:
    """A word less, two words exchanged, one more, parentheses: where the server gives something else, so do we."""
    before, first = meaning_of(query), answer(server, query)
    assert before is not None
    for changed in sorted(_changed(query)):
        second = answer(server, changed)
        after = meaning_of(changed) if second is not None and second != first else None
        if after is not None and "+" not in changed:  # the parser drops `+a`, which only gives it another name
            assert (after.rows, after.columns) != (before.rows, before.columns), f"\n{query}\n{changed}"


OTHER_VALUES = {
    "a": "coalesce(a, 0) * 7 + 3", "b": "coalesce(b, 5) - 9", "c": "coalesce(c, '') || 'q'", "d": "coalesce(d, 1) + 4",
    "e": "coalesce(e, 'n') || 'q'", "l": "l || 9", "up": "up + 5", '"Up"': '"Up" * 3', "j": "'{\"k\": 8, \"l\": [9]}'",
    "r": "'[8,9)'", "ts": "ts + interval '40 days 3 hours'", "p": "row(9, 'z')::pair",
}  # fmt: skip
"""Column -> what it holds instead."""


@pytest.mark.parametrize("query", queries())
def test_a_column_that_is_not_read_does_not_matter(server: psycopg.Connection[Any], query: str) -> None:
    """Other values in a column change only what is said to read it, whether or not the tables' columns are known."""
    for is_known in (True, False):
        meaning = meaning_of(query, is_known=is_known)
        if meaning is None or meaning.columns is None:
            continue
        for table, column in [(table, column) for table, columns in TABLES.items() for column in columns]:
            read = {(f"model.{table}", column), (f"model.{table}", "*")}
            if f"model.{table}" not in meaning.inputs or read & meaning.rows.reads:
                continue
            kept = [name for name, part in meaning.columns.items() if not read & part.reads]
            before, after = _answers(server, query, table, '"Up"' if column == "Up" else column)
            assert _projected(before, kept) == _projected(after, kept), (table, column, kept)


def _answers(server: psycopg.Connection[Any], query: str, table: str, column: str) -> list[list[dict[str, Any]]]:
    """What the query gives before and after the column has other values."""
    found = []
    with server.transaction(force_rollback=True):
        for value in (column, OTHER_VALUES[column]):  # both write all rows anew, and so in one order
            server.execute(f"update {table} set {column} = {value}")
            cursor = server.execute(query)
            names = [each.name for each in cursor.description or ()]
            found.append([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
    return found


def _projected(rows: list[dict[str, Any]], names: list[str]) -> list[str]:
    return sorted(repr([row[name] for name in names]) for row in rows)


@pytest.mark.parametrize("query", queries())
def test_builds_in_the_place_of_tables_give_the_same(server: psycopg.Connection[Any], query: str) -> None:
    """Also where the query calls the table by its own name, or by its schema and name."""
    written, names = _as_templates_write(query, server.info.dbname)
    before = answer(server, query)
    with server.transaction(force_rollback=True):
        server.execute("create schema store")
        for table in TABLES:
            server.execute(f"alter table {table} set schema store; alter table store.{table} rename to {table}__1")
        assert answer(server, substitute(written, names)) == before, substitute(written, names)


def _as_templates_write(query: str, database: str) -> tuple[str, dict[str, str]]:
    """The query with whole names of the tables, and what stands for them."""
    names = {f'"{database}"."public"."{table}"': f'"{database}"."store"."{table}__1"' for table in TABLES}
    tables = [table for table in parse_query(query, "postgres").find_all(exp.Table) if not is_cte_reference(table)]
    places = {table.this.meta["start"]: table.name for table in tables if table.name in TABLES and not table.db}
    for start, name in sorted(places.items(), reverse=True):
        query = f'{query[:start]}"{database}"."public"."{name}"{query[start + len(name) :]}'
    return query.replace("table ", "select * from ", 1) if query.startswith("table ") else query, names


def _changed(query: str) -> set[str]:
    dice = random.Random(query)
    tokens = Dialect.get_or_raise("postgres").tokenize(query)
    words = [query[token.start : token.end + 1] for token in tokens]
    found = set()
    for at in range(len(words)):
        found.add(" ".join(words[:at] + words[at + 1 :]))
        found.add(" ".join(words[:at] + words[at + 1 : at + 2] + words[at : at + 1] + words[at + 2 :]))
        found.add(" ".join([*words[:at], dice.choice(INSERTED), *words[at:]]))
        found.add(" ".join([*words[:at], dice.choice(INSERTED), *words[at + 1 :]]))
        end = at + dice.randint(2, 6)
        found.add(" ".join([*words[:at], "(", *words[at:end], ")", *words[end:]]))
    return found
