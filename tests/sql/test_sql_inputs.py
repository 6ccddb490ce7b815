"""What a query reads from outside is found, whatever it is called inside."""

from __future__ import annotations

import pytest

from dryland.sql.analyse import analyse
from dryland.sql.inputs import name_inputs
from dryland.sql.parse import parse_query

RELATIONS = {'"shop"."main"."orders"': "model.orders", "main.people": "source.people"}


def inputs(sql: str, dialect: str = "duckdb") -> set[str]:
    """By both ways: as they are named, and as they end up in the meaning."""
    named = set(name_inputs(parse_query(sql, dialect), RELATIONS, dialect).ids.values())
    assert analyse(sql, dialect, relations=RELATIONS, schemas={}).inputs == named
    return named


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('select id from "shop"."main"."orders"', {"model.orders"}),
        ("select id from Shop.MAIN.orders as o", {"model.orders"}),
        ("select id from main.people", {"source.people"}),
        ("select 1 where exists (select 1 from main.people)", {"source.people"}),
        ("select id from elsewhere.things", {"external:elsewhere.things"}),
        ("select id from read_csv('a.csv', header = true)", {"external:read_csv('a.csv', header = TRUE)"}),
        ("select id from 'Data.csv'", {"external:Data.csv"}),
        ("select 1 as one", set()),
        ("select n from range(3) as m(n), (values (1)) as v(x), unnest([1]) as u(y)", set()),
        ("with w as (select id from main.people) select id from w", {"source.people"}),
        ("with recursive w as (select 1 as n union all select n + 1 from w) select n from w", set()),
    ],
)
def test_inputs(sql: str, expected: set[str]) -> None:
    assert inputs(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("with people as (select 1 as id from people) select id from people", {"external:people"}),
        ("select id from a where id in (with a as (select 1 as id) select id from a)", {"external:a"}),
        ("with a as (select 1 as x), b as (select x from a) select x from b", set()),
        ("with b as (select x from a), a as (select 1 as x) select b.x from b, a", {"external:a"}),
        ("select x from (with a as (select 1 as x) select x from a) as q", set()),
        ("with a as (select 1 as x) select x from (select x from a) as q union all select x from a", set()),
        ("with a as (select 1 as x) select x from main.a", {"external:main.a"}),
        ("with A as (select 1 as x) select x from a", set()),
    ],
)
def test_a_cte_is_seen_only_from_where_sql_sees_it(sql: str, expected: set[str]) -> None:
    """Elsewhere the same name is a table, and forgetting it would be reuse of what is out of date."""
    assert inputs(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "select j.key from main.people as p, json_each(p.lines) as j",
        "select f.id from read_csv((select path from main.people)) as f",
        "with w as (select lines from main.people) select j.key from w, json_each(w.lines) as j",
    ],
)
def test_a_table_function_that_is_told_by_other_tables_counts_with_them(sql: str) -> None:
    meaning = analyse(sql, "duckdb", relations=RELATIONS, schemas={"source.people": ("lines", "path")})
    assert meaning.columns is None
    assert ("source.people", "*") in meaning.rows.reads
    assert any(unique_id.startswith("external:") for unique_id in meaning.inputs)


def test_a_table_read_twice_is_one_input() -> None:
    assert inputs("select a.id from main.people as a join main.people as b on a.id = b.id") == {"source.people"}


def test_a_name_with_its_schema_may_stand_before_a_column() -> None:
    meaning = analyse("select main.people.id from main.people", "duckdb", relations=RELATIONS, schemas={})
    assert meaning.columns is not None
    assert meaning.columns["id"].reads == {("source.people", "id")}
