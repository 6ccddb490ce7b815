"""Every kind of check over every type of column, over values that are none, and over names that nobody should choose.

What is expected is worked out here, from the four values that each table has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from checking import Shop, made, open_shop

from dryland.check.kinds.catalogue import KINDS
from dryland.state.records import Profile, Verdict

pytestmark = pytest.mark.slow  # thousands of cells

ERROR = -1  # the check cannot be asked, and says so


@dataclass(frozen=True, slots=True)
class Input:
    """A column with the values first, second, first and null; `y` beside it has first, first, second and first."""

    type: str
    first: str  # as SQL, as is the second
    second: str
    texts: tuple[str, str]  # as people write them in YAML
    is_: str  # number, moment, text, boolean, nested, bytes, or other
    name: str = "x"


def number(kind: str, first: str, second: str) -> Input:
    return Input(kind, first, second, (first, second), "number")


def quoted(kind: str, first: str, second: str, is_: str) -> Input:
    return Input(kind, f"'{first}'", f"'{second}'", (first, second), is_)


TINY, HUGE = "-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"
MOST = "9999999999999999999999999999.9999999999"
INPUTS: dict[str, Input] = {
    "tinyint": number("TINYINT", "1", "2"),
    "integer": number("INTEGER", "1", "2"),
    "ubigint": number("UBIGINT", "1", "18446744073709551615"),
    "hugeint": quoted("HUGEINT", TINY, HUGE, "number"),
    "decimal 38": quoted("DECIMAL(38, 10)", f"-{MOST}", MOST, "number"),
    "float": number("FLOAT", "1", "2"),
    "double": number("DOUBLE", "1", "2"),
    "nan": quoted("DOUBLE", "1", "NaN", "number"),
    "infinity": quoted("DOUBLE", "1", "Infinity", "number"),
    "minus infinity": quoted("FLOAT", "-Infinity", "1", "number"),
    "boolean": Input("BOOLEAN", "false", "true", ("False", "True"), "boolean"),
    "text": quoted("VARCHAR", "a", "b", "text"),
    "quotes": Input("VARCHAR", "'a''\"b'", "'b\\n'';--'", ("a'\"b", "b\\n';--"), "text"),
    "line break": quoted("VARCHAR", "a\nb {n} %s {{ x }}", "größe 🙂", "text"),
    "zero byte": Input("VARCHAR", "'a' || chr(0)", "'b' || chr(0)", ("a", "b"), "other"),
    "date": quoted("DATE", "2026-01-01", "2026-01-03", "moment"),
    "date infinity": quoted("DATE", "2026-01-01", "infinity", "moment"),
    "time": quoted("TIME", "10:00:00", "11:00:00", "other"),
    "timestamp": quoted("TIMESTAMP", "2026-01-01 10:00:00", "2026-01-03 10:00:00", "moment"),
    "timestamp ns": quoted("TIMESTAMP_NS", "2026-01-01 10:00:00", "2026-01-03 10:00:00", "moment"),
    "timestamp infinity": quoted("TIMESTAMP", "2026-01-01 10:00:00", "infinity", "moment"),
    "timestamp with zone": quoted("TIMESTAMPTZ", "2026-01-01 10:00:00+00", "2026-01-03 10:00:00+00", "moment"),
    "interval": quoted("INTERVAL", "1 day", "2 days", "other"),
    "blob": quoted("BLOB", "a", "b", "bytes"),
    "uuid": quoted("UUID", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000A", "other"),
    "enum": quoted("ENUM('a', 'b', 'c')", "a", "b", "text"),
    "bit": quoted("BIT", "01", "10", "other"),
    "json": quoted("JSON", '{"a": 1}', '{"a": 2}', "other"),
    "struct": Input("STRUCT(a INTEGER)", "{'a': 1}", "{'a': 2}", ("{'a': 1}", "{'a': 2}"), "nested"),
    "list": Input("INTEGER[]", "[1]", "[2]", ("[1]", "[2]"), "nested"),
    "array": Input("INTEGER[2]", "[1, 1]", "[1, 2]", ("[1, 1]", "[1, 2]"), "nested"),
    "map": Input("MAP(VARCHAR, INTEGER)", "map {'a': 1}", "map {'a': 2}", ("{a=1}", "{a=2}"), "nested"),
    "union": Input("UNION(i INTEGER, t VARCHAR)", "union_value(i := 1)", "union_value(i := 2)", ("1", "2"), "nested"),
}
NAMES = ['we"ird', "größe", "order", "a b", "{n}", "%s", "CamelCase", "🙂", "'; drop table x; --", "{{ x }}",
         "previous",
         "times", "rows", "value", "count(*)", "next_lower_bound", "is_last", "period", "next", "where"]  # fmt: skip
INPUTS |= {f"called {name}": Input("INTEGER", "1", "2", ("1", "2"), "number", name) for name in NAMES}

Given = Callable[[Input], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """A check of a kind, and how many failures there are: of most columns, of some families, of some inputs."""

    given: Given
    failures: int
    on: Mapping[str, int]
    of_table: bool = False


def case(given: Given, failures: int, /, *, of_table: bool = False, **on: int) -> Case:
    return Case(given, failures, {key.replace("_", " "): value for key, value in on.items()}, of_table)


NO_TEXT: dict[str, int] = {"nested": ERROR, "bytes": ERROR}
ONLY_NUMBERS = {"text": ERROR, "moment": ERROR, "nested": ERROR, "bytes": ERROR, "other": ERROR}
ONLY_MOMENTS = {"number": ERROR, "boolean": ERROR, "text": ERROR, "nested": ERROR, "bytes": ERROR, "other": ERROR}


def both(at: Input) -> Mapping[str, Any]:
    return {"columns": [at.name, "y"]}


CASES: dict[str, list[Case]] = {
    "not_null": [case(lambda at: {}, 1), case(lambda at: {"mostly": 0.75}, 0)],
    "null": [case(lambda at: {}, 3)],
    "unique": [case(lambda at: {}, 1), case(both, 0, of_table=True)],
    "unique_within_row": [case(both, 1, of_table=True)],
    "accepted_values": [
        case(lambda at: {"values": [at.texts[0]]}, 1, zero_byte=2, union=ERROR),
        case(lambda at: {"values": [*at.texts]}, 0, zero_byte=2, union=ERROR),
    ],
    "not_accepted_values": [case(lambda at: {"values": [at.texts[0]]}, 1, zero_byte=0, union=ERROR)],
    "distinct_values": [
        case(lambda at: {"values": [at.texts[0]]}, 0, zero_byte=1, union=ERROR),
        case(lambda at: {"values": [at.texts[0]], "exact": True}, 1, zero_byte=3, union=ERROR),
    ],
    "most_common_value": [
        case(lambda at: {"values": [at.texts[0]]}, 0, zero_byte=1, union=ERROR),
        case(lambda at: {"values": [at.texts[1]]}, 1, union=ERROR),
    ],
    "category_shares": [
        case(lambda at: {"shares": {at.texts[0]: 0.67, at.texts[1]: 0.33}}, 0, zero_byte=4),
        case(lambda at: {"shares": {at.texts[0]: 1}}, 2, zero_byte=3),
    ],
    "accepted_range": [
        case(lambda at: {"max_value": at.first}, 1),
        case(lambda at: {"min_value": at.first}, 0, nan=1),
        case(lambda at: {"min_value": at.first, "strictly": True}, 2, nan=3),
    ],
    "value_length": [case(lambda at: {"min_value": 100}, 3, **NO_TEXT),
                     case(lambda at: {"min_value": 1}, 0, **NO_TEXT)],
    "not_empty_string": [case(lambda at: {}, 0, **NO_TEXT)],
    "regex": [case(lambda at: {"regex": "^never$"}, 3, **NO_TEXT), case(lambda at: {"regex": "."}, 0, **NO_TEXT)],
    "like": [case(lambda at: {"pattern": "never"}, 3, **NO_TEXT), case(lambda at: {"pattern": "%"}, 0, **NO_TEXT)],
    "format": [
        case(lambda at: {"format": "uuid"}, 3, uuid=0, **NO_TEXT),
        case(lambda at: {"format": "number"}, 3, number=0, nan=1, infinity=1, minus_infinity=2, bit=0, **NO_TEXT),
    ],
    "consistent_casing": [case(lambda at: {}, 0, **NO_TEXT)],
    "of_type": [case(lambda at: {"types": [at.type]}, 0), case(lambda at: {"types": ["INT1", "MONEY"]}, 1, tinyint=0)],
    "aggregate_range": [
        case(lambda at: {"aggregate": "count", "min_value": 3, "max_value": 3}, 0),
        case(lambda at: {"aggregate": "distinct_count", "max_value": 1}, 1),
        case(lambda at: {"aggregate": "max", "max_value": at.first}, 1),
        case(lambda at: {"aggregate": "min", "min_value": at.first}, 0, nan=1),
        case(lambda at: {"aggregate": "mean", "min_value": at.first}, 0, nan=1, **ONLY_NUMBERS, boolean=ERROR, bit=1),
    ],
    "not_constant": [case(lambda at: {}, 0)],
    "expression_range": [case(lambda at: {"expression": "line", "max_value": 3}, 1, of_table=True)],
    "equal_aggregate": [
        case(lambda at: {"to": "people", "expression": "count(*)"}, 1, of_table=True),
        case(lambda at: {"to": "people"}, 1),
    ],
    "outliers": [case(lambda at: {"stdevs": 1}, 1, minus_infinity=2, **ONLY_NUMBERS)],
    "row_count": [case(lambda at: {"equals": 4}, 0, of_table=True), case(lambda at: {"equals": 3}, 1, of_table=True)],
    "columns": [case(lambda at: {"columns": [at.name, "missing"]}, 1, of_table=True), case(lambda at: {}, 0)],
    "column_count": [case(lambda at: {"equals": 3}, 0, of_table=True),
                     case(lambda at: {"equals": 2}, 1, of_table=True)],
    "expression_is_true": [case(lambda at: {"expression": "is null"}, 3)],
    "compare_columns": [
        case(lambda at: {"column_a": at.name, "column_b": "y", "operator": "="}, 2, of_table=True),
        case(lambda at: {"column_a": at.name, "column_b": "y", "operator": ">="}, 1, nan=2, of_table=True),
    ],
    "columns_sum_to": [
        case(lambda at: both(at) | {"total": 12345}, 4, of_table=True, **ONLY_NUMBERS,
             ubigint=ERROR, hugeint=ERROR, decimal_38=ERROR),
    ],
    "monotonic": [case(lambda at: {"sort_column": "line"}, 1, nan=2)],
    "sequential_values": [case(lambda at: {}, 1, **ONLY_NUMBERS, boolean=ERROR, date=2, date_infinity=2,
                               ubigint=2, hugeint=2,
                               decimal_38=2, nan=2, infinity=2, minus_infinity=3)],
    "no_gaps": [case(lambda at: {}, 1, **ONLY_MOMENTS)],
    "mutually_exclusive_ranges": [
        case(lambda at: {"lower_bound_column": at.name, "upper_bound_column": "y"}, 3, nan=4, of_table=True),
    ],
    "usual_period": [case(lambda at: {}, 0, **ONLY_MOMENTS)],
    "freshness": [case(lambda at: {"within": "1 hour"}, 1, **ONLY_MOMENTS)],
    "volume": [case(lambda at: {"min_change": -0.5}, 1, of_table=True)],
    "drift": [
        case(lambda at: {"of": "nulls", "max_change": 0}, 1),
        case(lambda at: {"of": "mean", "max_change": 1, "min_change": -1}, 0, **ONLY_NUMBERS, boolean=ERROR, ubigint=1,
             hugeint=1, decimal_38=1, nan=1, infinity=1, minus_infinity=1),
    ],
    "relationships": [case(lambda at: {"to": "people", "field": at.name}, 1)],
    "cardinality_equality": [case(lambda at: {"to": "people", "field": at.name}, 3)],
    "equal_rowcount": [case(lambda at: {"to": "people"}, 1, of_table=True)],
    "fewer_rows_than": [case(lambda at: {"to": "people"}, 1, of_table=True)],
    "equality": [case(lambda at: {"to": "people", "columns": [at.name]}, 2, of_table=True)],
    "sql": [case(lambda at: {"query": f"select 1 from {{table}} where {name_of(at)} is null"}, 1, of_table=True)],
}  # fmt: skip


def name_of(at: Input) -> str:
    return '"' + at.name.replace('"', '""') + '"'


def expected(this: Case, title: str, at: Input) -> int:
    return this.on.get(title, this.on.get(at.is_, this.failures))


def tables(shop: Shop, at: Input, picked: str = "") -> None:
    """The table of an input, or of some of its rows, and one beside it with its first value alone."""
    x, one, two = name_of(at), f"{at.first}::{at.type}", f"{at.second}::{at.type}"
    rows = f"(1, {one}, {one}), (2, {two}, {one}), (3, {one}, {two}), (4, null::{at.type}, {one})"
    shop.table(f"select * from (values {rows}) as given (line, {x}, y) {picked}")
    shop.table(f"select {one} as {x}", "people")
    shop.history = (Profile(1000, "before", {at.name: {"nulls": 0, "mean": 2.0, "distinct": 2}}),)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


Asked = list[tuple[str, int, Case, Verdict]]


def asked_of_all(shop: Shop, at: Input, where: str = "") -> tuple[Asked, Profile]:
    """Every case of every kind, in one scan."""
    cases = [(kind, number, each) for kind, listed in CASES.items() for number, each in enumerate(listed)]
    checks = [
        made(
            kind, "" if each.of_table else at.name, name=f"{kind}_{number}", arguments=dict(each.given(at)), where=where
        )
        for kind, number, each in cases
    ]
    outcome = shop.check(*checks, profile=True)
    assert outcome.profile is not None
    return [(*each, verdict) for each, verdict in zip(cases, outcome.verdicts, strict=True)], outcome.profile


def told(verdict: Verdict) -> int:
    return ERROR if verdict.status == "error" else verdict.failures


FEW = ["nan", "decimal 38", "timestamp with zone", "struct", "called {n}", "called previous"]


@pytest.mark.parametrize(
    "title", [pytest.param(each, marks=() if each in FEW else pytest.mark.slow) for each in INPUTS]
)
def test_every_kind_over_every_type_and_name(shop: Shop, title: str) -> None:
    """All in one scan: what cannot be asked of a type spoils no check beside it."""
    at = INPUTS[title]
    tables(shop, at)
    asked, profile = asked_of_all(shop, at)
    wrong = {
        (kind, number): (told(verdict), verdict.message)
        for kind, number, each, verdict in asked if told(verdict) != expected(each, title, at)
    }  # fmt: skip
    assert wrong == {}
    for _, _, each, verdict in asked:
        if verdict.status == "error":
            assert verdict.message.startswith("models/shop.yml:7: ") and (each.of_table or at.name in verdict.message)
        elif verdict.failures:
            assert verdict.status == "fail" and (verdict.sample or title == "array")  # arrays have no `coalesce`
            assert f"{verdict.failures}" in verdict.message or verdict.failures == 1
    assert profile.rows == 4


def test_no_kind_is_forgotten() -> None:
    assert {*CASES} == {*KINDS}


UNSUITED = {("no_gaps", 0): ERROR, ("freshness", 0): ERROR, ("usual_period", 0): ERROR}  # of whole numbers
OF_NAMES = {("columns", 0): 1, ("column_count", 1): 1, ("of_type", 1): 1}  # whatever the rows are
ROWS: dict[str, tuple[str, dict[tuple[str, int], int]]] = {
    "no row": ("where false", {
        ("equal_aggregate", 0): 1, ("equal_aggregate", 1): 1,
        ("distinct_values", 0): 1, ("distinct_values", 1): 1, ("category_shares", 0): 2, ("category_shares", 1): 1,
        ("aggregate_range", 0): 1, ("row_count", 0): 1, ("row_count", 1): 1, ("volume", 0): 1,
        ("cardinality_equality", 0): 1, ("equal_rowcount", 0): 1, ("equality", 0): 1,
    }),
    "one row": ("where line = 1", {
        ("not_constant", 0): 1,
        ("null", 0): 1, ("unique_within_row", 0): 1, ("not_accepted_values", 0): 1, ("most_common_value", 1): 1,
        ("category_shares", 0): 2, ("accepted_range", 2): 1, ("value_length", 0): 1, ("regex", 0): 1, ("like", 0): 1,
        ("format", 0): 1, ("aggregate_range", 0): 1, ("row_count", 0): 1, ("row_count", 1): 1,
        ("expression_is_true", 0): 1, ("columns_sum_to", 0): 1, ("mutually_exclusive_ranges", 0): 1, ("volume", 0): 1,
        ("fewer_rows_than", 0): 1,
    }),
    "nothing but nulls": ("where line = 4 union all select 5, null, 1", {
        ("equal_aggregate", 0): 1, ("equal_aggregate", 1): 1, ("expression_range", 0): 2,
        ("not_null", 0): 2, ("not_null", 1): 2, ("unique", 1): 1, ("distinct_values", 0): 1, ("distinct_values", 1): 1,
        ("category_shares", 0): 2, ("category_shares", 1): 1, ("aggregate_range", 0): 1, ("row_count", 0): 1,
        ("row_count", 1): 1, ("columns_sum_to", 0): 2, ("mutually_exclusive_ranges", 0): 2, ("volume", 0): 1,
        ("drift", 0): 1, ("cardinality_equality", 0): 2, ("equal_rowcount", 0): 1, ("fewer_rows_than", 0): 1,
        ("equality", 0): 2, ("sql", 0): 2,
    }),
}  # fmt: skip


@pytest.mark.parametrize("title", ROWS)
def test_every_kind_over_no_row_one_row_and_nulls(shop: Shop, title: str) -> None:
    """Where there is no value there is nothing to judge, but for kinds that ask for one to be there."""
    picked, failing = ROWS[title]
    tables(shop, INPUTS["integer"], picked)
    asked, _ = asked_of_all(shop, INPUTS["integer"])
    found = {(kind, number): told(verdict) for kind, number, _, verdict in asked}
    assert {key: each for key, each in found.items() if each} == {**failing, **UNSUITED, **OF_NAMES}


def test_a_condition_that_picks_no_row_leaves_none_to_judge(shop: Shop) -> None:
    """As if there were none: nothing fails but what asks for rows, or for the columns."""
    tables(shop, INPUTS["integer"])
    asked, _ = asked_of_all(shop, INPUTS["integer"], "line > 4")
    found = {(kind, number): told(verdict) for kind, number, _, verdict in asked}
    assert {key: each for key, each in found.items() if each} == {**ROWS["no row"][1], **UNSUITED, **OF_NAMES}


def test_a_column_may_be_called_as_the_number_in_a_message(shop: Shop) -> None:
    tables(shop, INPUTS["called {n}"])
    grouped = {"max_value": 0, "group_by": ["line"]}
    outcome = shop.check(made("null", "{n}"), made("accepted_range", "{n}", arguments=grouped))
    assert [each.message for each in outcome.verdicts] == [
        "3 rows have a {n}", "3 groups: rows have a {n} that is not at most 0"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "of", "said"),
    [
        ("dec", "min", 1), ("dec", "max", 0), ("num", "mean", 0), ("day", "min", ERROR), ("day", "distinct", 0),
        ("name", "max", ERROR), ("flag", "mean", ERROR), ("nested", "distinct", ERROR), ("nested", "nulls", 0),
    ],
)  # fmt: skip
def test_what_builds_are_not_measured_for_does_not_pass_for_unchanged(
    shop: Shop, column: str, of: str, said: int
) -> None:  # fmt: skip
    """Decimals are kept as texts, and are numbers all the same; the least and last day are none."""
    shop.table("select 2.50::decimal(38, 10) as dec, 1.0::double as num, date '2026-01-01' as day, 'a' as name, "
               "true as flag, {'a': 1} as nested")  # fmt: skip
    measured = {"min": "1.0000000000", "max": "2.5", "mean": 1.0, "distinct": 1, "nulls": 0}
    shop.history = (Profile(1, "x", dict.fromkeys(("dec", "num", "day", "name", "flag", "nested"), measured)),)
    verdict = shop.verdict(made("drift", column, arguments={"of": of, "max_change": 0.5, "min_change": -0.5}))
    assert told(verdict) == said, verdict.message


def test_a_sum_that_overflows_spoils_its_own_check_only(shop: Shop) -> None:
    shop.table(f"select '{MOST}'::decimal(38, 10) as x, i as y from range(20) as given (i)")
    bounds = {"aggregate": "sum", "min_value": 0}
    outcome = shop.check(made("aggregate_range", "x", arguments=bounds), made("not_null", "x"), made("null", "y"),
                         made("aggregate_range", "y", arguments=bounds), profile=True)  # fmt: skip
    assert [told(verdict) for verdict in outcome.verdicts] == [ERROR, 0, 20, 0]
    assert outcome.verdicts[0].message.startswith("models/shop.yml:7: aggregate_range of x (DECIMAL(38,10)) cannot be")
    assert outcome.profile is not None and outcome.profile.rows == 20


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("select null::date as x", "fail"),
        ("select date '2026-01-01' as x where false", "fail"),
        ("select 'infinity'::timestamp as x", "fail"),
        ("select '-infinity'::date as x", "fail"),
        ("select now() as x", "pass"),
        ("select now()::timestamp as x union all select 'infinity'::timestamp", "pass"),
    ],
)
def test_a_table_without_a_moment_is_late(shop: Shop, query: str, status: str) -> None:
    shop.table(query)
    assert shop.verdict(made("freshness", "x", arguments={"within": "1 hour"})).status == status


def test_five_hundred_columns_with_four_checks_each_take_one_scan(shop: Shop) -> None:
    columns = ", ".join(f"{'nullif(i, 7)' if n == 7 else 'i'} as c{n}" for n in range(500))
    shop.table(f"select {columns} from range(1000) as given (i)")
    asked: dict[str, dict[str, Any]] = {
        "not_null": {}, "accepted_range": {"min_value": 0}, "regex": {"regex": "^[0-9]+$"},
        "aggregate_range": {"aggregate": "max", "max_value": 999},
    }  # fmt: skip
    checks = [made(kind, f"c{n}", arguments=arguments) for n in range(500) for kind, arguments in asked.items()]
    began = time.monotonic()
    failing = {each.check: each.failures for each in shop.check(*checks).verdicts if each.failures}
    assert failing == {"test.shop.not_null_c7": 1}
    assert len([sql for sql in shop.statements if "offending" not in sql]) <= 3, "rows, scan, what that left open"
    assert time.monotonic() - began < 30
