"""Meanings travel, tell why they are whole, and never fall over a strange query."""

from __future__ import annotations

import json

import pytest
from worlds import meaning_of

from dryland.errors import SqlError
from dryland.sql.analyse import analyse
from dryland.sql.difference import PartsChanged, changed_parts
from dryland.sql.meaning import WHOLE, Meaning
from dryland.sql.parse import parse_query

DEEP = {
    "a chain of conditions": " or ".join(f"a = {number}" for number in range(2000)),
    "parentheses": f"a = {'(' * 2000}1{')' * 2000}",
    "calls": f"a = {'abs(' * 2000}1{')' * 2000}",
}


@pytest.mark.parametrize(
    "query",
    ["select a, b + 1 as z from t where c = 'x'", "select #1 from t", "select 1 as one", "select now() as n from t"],
)
def test_a_meaning_comes_back_from_json(query: str) -> None:
    meaning = meaning_of(query)
    back = Meaning.from_json(json.loads(json.dumps(meaning.as_json())))
    assert back == meaning
    assert list(back.columns or ()) == list(meaning.columns or ())


@pytest.mark.parametrize("condition", [pytest.param(text, id=name) for name, text in DEEP.items()])
def test_a_query_may_be_as_deep_as_it_likes(condition: str) -> None:
    """It counts as a whole, or is refused as SQL that we cannot parse; both are answers."""
    query = f"select a from t where {condition}"
    try:
        before, after = meaning_of(query), meaning_of(query.replace("1", "7", 1))
    except SqlError as error:
        assert "deep" in error.message
    else:
        assert before.reason == "a query that is nested too deep"
        assert before.rows.reads == {("model.t", WHOLE)}
        assert before.rows != after.rows


def test_a_long_union_counts_as_a_whole() -> None:
    meaning = meaning_of(" union all ".join(["select a from t"] * 600))
    assert meaning.columns is None and meaning.rows.reads == {("model.t", WHOLE)}


def test_what_trips_the_optimiser_up_counts_as_a_whole() -> None:
    """It asserts where a subquery in a CTE has no name and GROUP BY names its place."""
    meaning = meaning_of(
        "with w as (select (select max(d) from u where u.a = p.a), sum(0) as b from t as p group by 1) select b from w"
    )
    assert meaning.columns is None and meaning.reason
    assert meaning.inputs == {"model.t", "model.u"}


def test_bare_columns_belong_to_the_only_table_though_its_columns_are_not_known() -> None:
    meaning = meaning_of("select a, b as z from t where c = 'x'", frozenset())
    assert meaning.columns is not None
    assert meaning.columns["z"].reads == {("model.t", "b")}
    assert ("model.t", "c") in meaning.rows.reads


@pytest.mark.parametrize(
    "query",
    [
        "select a from t, u",
        "select t.a from t where exists (select 1 from u where b = 1)",
        "select t.a from t where exists (with w as (select b from u) select 1 from w)",
        "select t from t",
        "select t.a, q.x from t, (select d as x from u) as q",
        "select * from t",
    ],
)
def test_a_name_that_may_be_anybodys_is_not_guessed(query: str) -> None:
    """When the columns of the tables are not known."""
    meaning = meaning_of(query, frozenset())
    assert meaning.columns is None and meaning.reason


def test_letter_case_counts_where_the_database_counts_it() -> None:
    quoted, bare = (
        analyse(f"select {name} as z from t", "snowflake", relations={"t": "t"}, schemas={})
        for name in ('t."Ab"', "t.ab")
    )
    assert quoted.columns is None and "letter case" in quoted.reason
    assert bare.columns is not None


def test_a_whole_is_never_the_same_as_parts() -> None:
    parts, whole = meaning_of("select a from t"), meaning_of("select #1 from t")
    assert changed_parts(parts, whole) == changed_parts(whole, parts) == PartsChanged(rows_altered=True)
    assert not changed_parts(whole, whole)


@pytest.mark.parametrize(
    ("sql", "message", "line"),
    [
        ("select a\nfrom t where", "the SQL does not parse", 2),
        ("select 1; select 2", "expected one query, found 2 statements.", None),
        ("-- nothing", "expected one query, found nothing.", None),
        ("create table x as select 1", "expected a query, found CREATE.", 1),
        ("select 'open", "the SQL does not parse", None),
    ],
)
def test_what_is_not_one_query_is_refused_with_its_place(sql: str, message: str, line: int | None) -> None:
    with pytest.raises(SqlError) as caught:
        parse_query(sql, "duckdb", path="models/x.sql")
    assert caught.value.message.startswith(message)
    assert caught.value.path == "models/x.sql"
    assert line is None or caught.value.line == line
    assert caught.value.hint


@pytest.mark.parametrize(
    ("flat", "grouped"),
    [
        ("'x' = a ->> 'k'", "'x' = (a ->> 'k')"),
        ("a = 1 and b ->> 'k' = 'x'", "a = 1 and (b ->> 'k') = 'x'"),
        ("a or b ->> 'k'", "a or (b ->> 'k')"),
        ("~a + b", "(~a) + b"),
        ("-b / ~a - c", "(-b / ~a) - c"),
        ("a <> b == c", "(a <> b) == c"),
        ("a ^@ b || c", "a ^@ (b || c)"),
        ("@b | a", "@(b | a)"),
    ],
)
def test_parentheses_count_where_parsers_disagree(flat: str, grouped: str) -> None:
    """Our parser takes both for the same; DuckDB does not, and who wrote the second has mended the first."""
    assert meaning_of(f"select {flat} as o from t") != meaning_of(f"select {grouped} as o from t")


@pytest.mark.parametrize(
    ("flat", "grouped"),
    [
        ("a + b * c = 7", "((a + (b * c)) = 7)"),
        ("a = 1 or b like 'x%' and not c is null", "(a = 1) or ((b like 'x%') and (not (c is null)))"),
        ("a ~ 'x'", "((a ~ ('x')))"),
        ("a || 'x'", "(a || 'x')"),
    ],
)
def test_other_parentheses_mean_nothing(flat: str, grouped: str) -> None:
    assert meaning_of(f"select {flat} as o from t") == meaning_of(f"select {grouped} as o from t")


def test_matching_a_pattern_with_a_tilde_is_another_question() -> None:
    """DuckDB 1 compares the whole text with it."""
    told = [meaning_of(f"select {each} as o from t") for each in ("a ~ 'x'", "a !~ 'x'", "regexp_matches(a, 'x')")]
    assert len({each.columns["o"].hash for each in told if each.columns}) == 3
    assert parse_query("select a ~ 'x' as o from t", "duckdb").sql("duckdb") == "SELECT a ~ 'x' AS o FROM t"
