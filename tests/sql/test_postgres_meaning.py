"""Queries in PostgreSQL's dialect mean what PostgreSQL makes of them."""

from __future__ import annotations

import pytest

from dryland.errors import SqlError
from dryland.sql.analyse import analyse
from dryland.sql.meaning import ROWS, WHOLE, Meaning
from dryland.sql.parse import verify_one_statement

TABLES = {"t": ("a", "b", "c", "Up", "up"), "u": ("a", "d"), '"T"': ("a",)}
IDS = {name: f"model.{name}" for name in TABLES}


def meaning_of(sql: str, *, is_known: bool = True) -> Meaning:
    schemas = {f"model.{name}": columns for name, columns in TABLES.items()} if is_known else {}
    return analyse(sql, "postgres", relations=IDS, schemas=schemas)


def reads(sql: str, column: str, *, is_known: bool = True) -> set[tuple[str, str]]:
    meaning = meaning_of(sql, is_known=is_known)
    assert meaning.columns is not None, meaning.reason
    return set(meaning.columns[column].reads)


def is_same(one: str, other: str) -> bool:
    first, second = meaning_of(one), meaning_of(other)
    return (first.rows, first.columns) == (second.rows, second.columns)


def test_quoted_names_are_exact_and_others_are_in_lower_case() -> None:
    meaning = meaning_of('select "Up", UP, A as Id, b as "Id" from t')
    assert list(meaning.columns or ()) == ["Up", "up", "id", "Id"]
    assert reads('select "Up" as x from T', "x") == {("model.t", "Up")}
    assert reads("select UP as x from t", "x") == {("model.t", "up")}
    assert meaning_of('select a from "T"').inputs == {'model."T"'}
    assert not is_same('select "Up" as x from t', "select up as x from t")
    assert is_same('select "a" as "x" from "t"', "select A as X from T")


def test_a_cte_hides_only_what_has_its_very_name() -> None:
    assert meaning_of('with t as (select 1 as a) select a from "T"').inputs == {'model."T"'}
    assert meaning_of("with T as (select 1 as a) select a from t").inputs == frozenset()
    assert meaning_of('with "U" as (select 1 as d) select d from u').inputs == {"model.u"}


def test_a_table_in_capitals_that_the_project_does_not_know_is_another_one() -> None:
    assert meaning_of('select x from s."Other"').inputs == {"external:s.Other"}
    assert meaning_of("select x from S.Other").inputs == {"external:s.other"}


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("a + 1", "?column?"), ("'x'", "?column?"), ("null", "?column?"), ("a is null", "?column?"), ("(a)", "a"),
        ("true", "bool"), ("count(*)", "count"), ("max(a) over ()", "max"), ("sum(a) filter (where b > 0)", "sum"),
        ("date_part('year', c)", "date_part"), ("extract(year from c)", "extract"), ("ceiling(a)", "ceiling"),
        ("ceil(a)", "ceil"), ("my_own(a)", "my_own"), ("coalesce(a, b)", "coalesce"), ("nullif(a, b)", "nullif"),
        ("case when a > 1 then 'x' end", "case"), ("case when a > 1 then 'x' else c end", "c"), ("a::text", "a"),
        ("'1'::int", "int4"), ("(a + b)::numeric(10, 2)", "numeric"), ("now()::date", "now"), ("array[a]", "array"),
        ("'x'::varchar(3)", "varchar"), ("(a > 0)::int", "int4"), ("exists (select 1)", "exists"),
        ("(select max(d) from u)", "max"), ("c at time zone 'UTC'", "timezone"), ("c collate \"C\"", "c"),
        ("trim(c)", "btrim"), ("substring(c from 1)", "substring"), ("row(a, b)", "row"),
        ("interval '1 day'", "interval"),
        ("string_agg(c, ',' order by a)", "string_agg"), ("current_date", "current_date"), ("c -> 'k'", "?column?"),
    ],
)  # fmt: skip
def test_columns_without_a_name_are_called_as_postgresql_calls_them(expression: str, name: str) -> None:
    assert list(meaning_of(f"select {expression} from t").columns or ()) == [name]


def test_a_column_of_a_subquery_is_found_by_the_name_that_it_has() -> None:
    assert reads("select q.max as z from (select max(d) from u) as q", "z") == {("model.u", "d")}
    one, other = (meaning_of(f"select q.max as z from (select max({name}) from u) as q") for name in ("d", "a"))
    assert one.columns != other.columns
    assert meaning_of("select 1 as z from (select 'x'::mood from t) as q").columns is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select date_part('year', c) as x from t", "select extract(year from c) as x from t"),
        ("select div(a, b) as x from t", "select a / b as x from t"),
        ("select json_agg(a) as x from t", "select jsonb_agg(a) as x from t"),
        ("select c -> '1' as x from t", "select c -> 1 as x from t"),
        ("select a, b from t group by distinct rollup (a, b), a", "select a, b from t group by rollup (a, b), a"),
        ("select a from t limit 1", "select a from t fetch first 1 rows with ties"),
        ("select x.a from json_to_recordset('[]') as x(a int)", "select x.a from json_to_recordset('[]') as x(a text)"),
        ("select a + b * 2 as x from t", "select (a + b) * 2 as x from t"),
        ("select -a ^ 2 as x from t", "select -(a ^ 2) as x from t"),
        ("select c ->> 'x' || 'y' as x from t", "select c ->> ('x' || 'y') as x from t"),
        ("select my_own(a) as x from t", "select my_own(b) as x from t"),
    ],
)
def test_what_is_not_the_same_is_told_apart(one: str, other: str) -> None:
    assert not is_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select a::int as x from t", "select cast(a as integer) as x from t"),
        ("with w as (select a from t) select a from w", "with v as (select a from t) select v.a from v"),
        ("select /* a /* b */ c */ a from t -- d", "SELECT A FROM T"),
        ("select c !~ 'x' as z from t", "select not c ~ 'x' as z from t"),
        ("table u", "select * from u"),
        ("select a from t where a in (1, 2)", "select a from t where a in (2, 1)"),
    ],
)
def test_what_is_the_same_is_one(one: str, other: str) -> None:
    assert is_same(one, other)


def test_a_row_as_a_value_reads_all_of_its_table() -> None:
    assert reads("select to_jsonb(t) as j from t", "j") == {("model.t", WHOLE)}
    assert reads("select u as j from t cross join u", "j") == {("model.u", WHOLE)}
    assert meaning_of("select to_jsonb(t) as j from t", is_known=False).columns is None


def test_a_function_called_like_a_column_is_not_taken_for_one() -> None:
    """`t.upper` is `upper(t)` where the table has no such column, and `ctid` is where a row stands."""
    assert meaning_of("select t.upper as x from t").columns is None
    assert meaning_of("select ctid from t").columns is None
    assert meaning_of("select t.xmin from t", is_known=False).columns is None


def test_functions_in_from_are_made_of_their_arguments() -> None:
    series = meaning_of("select g from generate_series(1, 3) as g")
    assert series.inputs == frozenset() and list(series.columns or ()) == ["g"]
    lateral = "select t.a, m.n from t left join lateral unnest(array[t.b]) with ordinality as m(x, n) on true"
    assert reads(lateral, "n") == {("model.t", "b")}
    assert ("model.t", "b") in meaning_of(lateral).rows.reads
    assert reads("select e ->> 'x' as z from t, jsonb_array_elements(t.c) as e", "z") == {("model.t", "c")}
    assert (
        meaning_of("select x from rows from (generate_series(1, 2), generate_series(1, 3)) as z(x, y)").columns is None
    )


def test_a_function_that_may_be_anybodys_may_decide_which_rows_there_are() -> None:
    """PostgreSQL's own are known; one of the team may give several rows, or one for all."""
    assert ("model.t", "a") in meaning_of("select my_own(a) as x from t").rows.reads
    assert ("model.t", "a") in meaning_of("select regexp_split_to_table(c, a) as x from t").rows.reads
    assert meaning_of("select lower(c) as x, round(a, 2) as y from t").rows.reads == {("model.t", ROWS)}
    assert meaning_of("select lower(c) as x from t").rows == meaning_of("select c as x from t").rows


@pytest.mark.parametrize(
    "expression",
    [
        "now()", "gen_random_uuid()", "c > 'today'", "c between 'yesterday' and 'tomorrow'", "date 'today'",
        "'now'::timestamp", "'today 10:00'::timestamptz", "pg_backend_pid()", "clock_timestamp()", "txid_current()",
        "query_to_xml('select 1', true, true, '')", "uuidv7()", "pg_catalog.random()", "current_role", "user",
        "has_table_privilege('t', 'select')", "current_timestamp(3)", "localtime", "nextval('s')", "age(c)",
    ],
)  # fmt: skip
def test_what_changes_by_itself_is_found(expression: str) -> None:
    assert meaning_of(f"select {expression} as n from t").volatile


@pytest.mark.parametrize("expression", ["'today'", "pg_typeof(a)", "age(a, b)", '"user"', "t.user", "now"])
def test_what_does_not_is_left_alone(expression: str) -> None:
    assert not meaning_of(f"select {expression} as n from t").volatile


@pytest.mark.parametrize("what", ["insert into u values (1)", "delete from u returning a", "update u set a = 1"])
def test_a_model_that_writes_in_a_cte_is_refused(what: str) -> None:
    sql = f"with w as ({what}) select a from t"
    assert meaning_of(sql).columns is None and meaning_of(sql).reason == "a query that writes"
    with pytest.raises(SqlError, match="writes"):
        verify_one_statement(sql, "postgres", "models/m.sql")
