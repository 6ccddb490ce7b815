"""A test's query that comes to terms of a scan counts on PostgreSQL, too, as many rows as the query gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import test_failing_rows as duckdbs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dryland.check.reading.failing_rows import Failing, Read, failing_rows
from dryland.check.scanning.cheap import count, families, no_row
from dryland.check.writing import render_sql
from dryland.engines.relation import Column
from postgres_server import Server

COLUMNS = (
    Column("id", "integer"),
    Column("name", "text"),
    Column("day", "date"),
    Column("Odd one", "double precision"),
)
NOT_ITS_OWN = ("anti join", "semi join")  # DuckDB's words


@dataclass
class Warehouse:
    """Two small tables, and who asks of them."""

    connection: psycopg.Connection[Any]
    database: str

    def own(self, sql: str) -> str:
        return sql.replace('"w".', f'"{self.database}".')

    def asked(self, sql: str) -> Any:
        row = self.connection.execute(sql.encode()).fetchone()
        return row[0] if row else None

    def read(self, sql: str) -> Failing | None:
        texts = [self.own(text) for text in (duckdbs.TABLE, duckdbs.OTHER)]
        return failing_rows(
            self.own(sql), "postgres",
            [Read(text, exp.to_table(text, dialect="postgres"), COLUMNS) for text in texts],
        )  # fmt: skip

    def term(self, term: exp.Expr) -> Any:
        table = self.own(duckdbs.TABLE)
        return self.asked(f"select x from (select {render_sql(term, 'postgres')} as x, count(*) from {table}) as scan")

    def verify(self, sql: str) -> bool:
        found = self.read(sql)
        if found is None:
            return False
        failing = self.asked(f"select count(*) from ({self.own(sql)}) as query")
        assert (self.term(found.failures) or 0) == failing, render_sql(found.failures, "postgres")
        if found.condition is not None:
            assert (self.term(count(found.condition)) or 0) == failing
            shows = no_row(found.condition, families(COLUMNS, "postgres"))
            assert shows is None or not self.term(shows) or failing == 0, render_sql(shows, "postgres")
        if found.none_fails is not None:
            assert self.term(found.none_fails) == (failing == 0)
        return True


@pytest.fixture(scope="module")
def warehouse(postgres_server: Server) -> Iterator[Warehouse]:
    name = postgres_server.new_database()
    with postgres_server.connect(name) as connection:
        opened = Warehouse(connection, name)
        connection.execute("create schema main")
        for table in (duckdbs.TABLE, duckdbs.OTHER):
            made = opened.own(table)
            connection.execute(
                f'create table {made} (id integer, name text, day date, "Odd one" double precision)'.encode()
            )
            connection.execute(f"insert into {made} values {duckdbs.ROWS}".encode())
        connection.execute(f"delete from {opened.own(duckdbs.OTHER)} where id = 4 or name is null".encode())
        yield opened
    postgres_server.drop_database(name)


EVERY = [*duckdbs.FUSED, *duckdbs.OF_THE_WHOLE, *duckdbs.OF_SETS, *duckdbs.OF_GROUPS]


def test_terms_count_what_the_query_gives(warehouse: Warehouse) -> None:
    """Of DuckDB's queries those that PostgreSQL takes; hardly one of them is not read."""
    valid, alone = 0, []
    for sql in EVERY:
        try:
            warehouse.asked(warehouse.own(sql))
        except psycopg.Error:
            continue
        valid += 1
        if not warehouse.verify(sql):
            alone.append(sql)
            continue
        with warehouse.connection.transaction(force_rollback=True):
            warehouse.connection.execute(f"delete from {warehouse.own(duckdbs.TABLE)}".encode())
            assert warehouse.verify(sql)
    assert valid > 40 and alone == []


def test_what_is_not_null_is_not_taken_for_null(warehouse: Warehouse) -> None:
    """A word of its own there, since a row can be neither: what is written out is not null, and counts."""
    queries = (
        "select * from (select 1 as a, 'x' as b union all select 2, 'y') q where a is not null and b is not null",
        f"select * from {duckdbs.TABLE} where id is not null",
        f"select * from {duckdbs.TABLE} where id = 1 and id is not null",
        f"select name from {duckdbs.TABLE} where name is not null group by name having count(*) > 1",
    )  # fmt: skip
    assert all(warehouse.verify(sql) for sql in queries)


@pytest.mark.parametrize(
    "sql",
    [
        "select regexp_matches(name, '.', 'g') from {}", "select jsonb_array_elements('[1, 2]') from {}",
        "select every(id > 0) from {}", "select string_to_table(name, 'a') from {}", "select id from {} limit 1",
        "select distinct on (name) * from {}", "select range_agg(int4range(id, null)) from {}",
        "select generate_series(1, 2) from {}", "select unnest(array[1, 2]) from {}",
        "select mode() within group (order by id) from {}", "select my_rows(id) from {}",
        "select (jsonb_each('{{}}')).* from {}", "select regr_slope(id, id) from {}",
    ],
)  # fmt: skip
def test_what_gives_other_rows_is_asked_by_itself(warehouse: Warehouse, sql: str) -> None:
    """Functions of many rows, or that give many, whatever the parser takes them for."""
    is_known = "mode()" in sql or "regr_slope" in sql
    with warehouse.connection.transaction(force_rollback=True):
        warehouse.connection.execute(
            "create function my_rows(x int) returns setof int language sql as 'select generate_series(1, 3)'"
        )
        assert warehouse.verify(sql.format(duckdbs.TABLE)) == is_known


def test_columns_that_differ_by_their_letters_are_not_read(warehouse: Warehouse) -> None:
    """PostgreSQL tells "Id" from "id"; who reads queries does not."""
    table = exp.to_table("t", dialect="postgres")
    read = [Read("t", table, (Column("id", "integer"), Column("Id", "integer")))]
    assert failing_rows('select * from t where "Id" > 1', "postgres", read) is None


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    rows=st.lists(duckdbs.ROW, max_size=8),
    others=st.lists(duckdbs.ROW, max_size=4),
    sql=st.recursive(duckdbs.BASES, duckdbs.layers, max_leaves=4),
)
def test_whatever_comes_to_terms_counts_the_same(warehouse: Warehouse, rows: Any, others: Any, sql: str) -> None:
    """For nulls, NaN, duplicates and no rows at all, over any layers that PostgreSQL takes."""
    assume(not any(each in sql for each in NOT_ITS_OWN))
    connection = warehouse.connection
    with connection.transaction(force_rollback=True):
        for table, made in ((duckdbs.TABLE, rows), (duckdbs.OTHER, others)):
            connection.execute(f"delete from {warehouse.own(table)}".encode())
            if made:
                values = ", ".join(f"({', '.join(row)})" for row in made)
                connection.execute(f"insert into {warehouse.own(table)} values {values}".encode())
        try:
            with connection.transaction():
                warehouse.asked(warehouse.own(sql))
        except psycopg.Error:
            assume(False)
        warehouse.verify(sql)
