"""Functions whose answer changes by itself are found; others are left alone."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot

from dryland.sql.analyse import analyse
from dryland.sql.volatile import volatile_functions

HARMLESS = {
    "current_database": "a project is released to one database",
    "current_schema": "a build always runs in the same one",
    "current_schemas": "a build always runs in the same ones",
    "in_search_path": "a build always runs with the same one",
    "error": "it gives nothing",
    "sleep_ms": "it gives nothing",
    "stats": "it tells of the input's form",
    "write_log": "it gives what it is given",
}


def found(expression: str, dialect: str = "duckdb", source: str = "t") -> tuple[str, ...]:
    return volatile_functions(sqlglot.parse_one(f"select {expression} as z from {source}", dialect=dialect))


def test_all_that_duckdb_says_is_volatile_is_known() -> None:
    """DuckDB's own catalogue is the list; what we leave out, we say why."""
    rows = duckdb.sql(
        "select distinct function_name, len(parameters) from duckdb_functions() "
        "where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') and function_type <> 'table'"
    ).fetchall()
    names = {(name, count) for name, count in rows if name.isidentifier()}
    unknown = {name for name, count in names if not found(f"{name}({', '.join(['x'] * count)})")}
    assert unknown == set(HARMLESS)
    assert len(names) > 20


@pytest.mark.parametrize(
    "expression",
    [
        "now()", "current_date", "current_timestamp", "today()", "random()", "uuid()", "gen_random_uuid()", "ago(x)",
        "nextval('s')", "localtimestamp", "current_user", "session_user", "age(x)", "date 'today'", "getvariable('v')",
        "cast(' Now ' as timestamp)", "coalesce(x, date_trunc('day', now()))",
    ],
)  # fmt: skip
def test_volatile(expression: str) -> None:
    assert found(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "age(x, y)",
        "'now'",
        "cast('2026-01-01' as date)",
        "cast('today' as text)",
        "date_trunc('day', x)",
        "now",
        "upper(x)",
    ],
)
def test_not_volatile(expression: str) -> None:
    """A column may be called `now`, and a word may be `today`."""
    assert found(expression) == ()


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery"])
def test_the_clock_is_found_in_every_dialect(dialect: str) -> None:
    assert found("current_timestamp", dialect) and found("current_date", dialect)


def test_a_sample_is_volatile_unless_it_has_a_seed() -> None:
    assert found("x", source="t using sample 10") == ("tablesample",)
    assert found("x", source="t using sample 10 rows (reservoir, 42)") == ()


def test_names_come_once_and_sorted() -> None:
    assert found("now(), random(), now()") == tuple(sorted(set(found("random()") + found("now()"))))


def test_the_clock_counts_wherever_it_stands() -> None:
    """In a filter, in a CTE, in a query that is not understood."""
    for query in (
        "select a from t where d < current_date",
        "with w as (select a from t where d < current_date) select a from w",
        "select #1 from t where d < current_date",
    ):
        meaning = analyse(query, "duckdb", relations={"t": "t"}, schemas={"t": ("a", "d")})
        assert meaning.volatile == ("current_date",), query
