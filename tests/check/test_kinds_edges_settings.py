"""Every kind of check with what may stand beside it: conditions, shares, groups, thresholds, limits, and memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from checking import Shop, changed, made, open_shop

from dryland.check.given import arguments_of
from dryland.check.kinds.catalogue import KINDS
from dryland.errors import ConfigError
from dryland.state.records import Profile, Verdict

pytestmark = pytest.mark.slow  # hundreds of settings

TEN = """
select i as id, case when i > 1 then i * 10 end as amount, i % 2 as odd, date '2026-01-01' + i::int as day,
       case when i <= 4 then 'DE' when i <= 8 then 'FR' end as country, 'p' || i || '@example.org' as email,
       case when i = 3 then 'NaN'::double else i end as reading, timestamptz '2026-01-01 00:00:00+00' as at
from range(1, 11) as given (i)
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        shop.table(TEN)
        shop.table("select 1 as id, 'DE' as country, 'p1@example.org' as email", "people")
        yield shop


def remembered(verdict: Verdict) -> dict[str, Verdict]:
    return {verdict.id: verdict}


@pytest.mark.parametrize(
    ("kind", "column", "arguments", "failures"),
    [
        ("accepted_range", "amount", {"max_value": 20, "mostly": 0}, 0),
        ("accepted_range", "amount", {"max_value": 20, "mostly": 1}, 8),
        ("accepted_range", "amount", {"max_value": 20, "mostly": 1.0}, 8),
        ("accepted_range", "amount", {"max_value": 20, "mostly": 0.111}, 0),  # 1 of the 9 with a value is 0.1111
        ("accepted_range", "amount", {"max_value": 20, "mostly": 0.112}, 8),
        ("null", "amount", {"mostly": 0.1}, 0),  # 1 of 10, to the last digit
        ("null", "amount", {"mostly": 0.1000000001}, 9),
        ("not_null", "amount", {"mostly": 0.9}, 0),
        ("not_null", "amount", {"mostly": 0.9999999999}, 1),
        ("not_null", "amount", {"group_by": ["country"]}, 1),
        ("not_null", "amount", {"group_by": ["country", "odd"]}, 1),
        ("not_null", "amount", {"group_by": ["country"], "mostly": 0.75}, 0),
        ("accepted_range", "amount", {"max_value": 85, "group_by": ["country"]}, 1),  # of no country
        ("accepted_range", "amount", {"max_value": 85, "group_by": ["country"], "row_condition": "id < 9"}, 0),
        ("accepted_range", "amount", {"max_value": 55, "group_by": ["country"], "mostly": 0.25}, 1),
        ("accepted_range", "amount", {"max_value": 55, "group_by": "country", "mostly": 0.26}, 2),
        ("accepted_range", "amount", {"max_value": 55, "group_by": ["country"], "mostly": 0.5,
                                      "row_condition": "country = 'FR' and id < 7"}, 0),
        ("accepted_values", "country", {"values": ["DE"], "group_by": ["odd"]}, 2),
        ("row_count", "", {"min_value": 3, "group_by": ["country"]}, 1),
        ("row_count", "", {"max_value": 3, "group_by": ["country", "odd"]}, 0),
        ("aggregate_range", "amount", {"aggregate": "min", "min_value": 30, "group_by": ["country"]}, 1),
        ("aggregate_range", "amount", {"aggregate": "sum", "min_value": 190, "group_by": ["country"],
                                       "row_condition": "country is null"}, 0),
        ("most_common_value", "odd", {"values": [1], "group_by": ["country"]}, 0),
        ("most_common_value", "odd", {"values": [1], "group_by": ["country"], "row_condition": "id != 9"}, 1),
        ("monotonic", "amount", {"sort_column": "id", "group_by": ["country"]}, 0),
        ("sequential_values", "id", {"group_by": ["odd"]}, 8),
        ("sequential_values", "id", {"group_by": ["odd"], "interval": 2}, 0),
        ("no_gaps", "day", {"group_by": ["odd"]}, 8),
        ("freshness", "day", {"within": "1 day", "group_by": ["country"]}, 3),
        ("equal_aggregate", "", {"to": "payments", "expression": "sum(amount)", "group_by": ["country"]}, 0),
        ("accepted_range", "reading", {"min_value": 0}, 1),
        ("accepted_range", "reading", {"max_value": 10}, 1),
        ("accepted_range", "reading", {"min_value": 0, "mostly": 0.9}, 0),
        ("not_null", "reading", {}, 0),
        ("outliers", "reading", {"stdevs": 3}, 1),
        ("aggregate_range", "reading", {"aggregate": "mean", "min_value": 0}, 1),
        ("aggregate_range", "reading", {"aggregate": "stdev", "max_value": 100}, 1),
        ("aggregate_range", "reading", {"aggregate": "mean", "min_value": 0, "row_condition": "id != 3"}, 0),
        ("aggregate_range", "reading", {"aggregate": "mean", "min_value": 0, "group_by": ["country"]}, 1),
        ("monotonic", "reading", {"sort_column": "id"}, 2),
        ("accepted_range", "at", {"min_value": "2026-01-01"}, 0),
        ("accepted_range", "at", {"min_value": "2026-01-01", "strictly": True}, 10),
        ("accepted_range", "at", {"min_value": "2026-01-01 01:00:00+01:00", "max_value": "2026-01-01T00:00:00Z"}, 0),
        ("accepted_range", "at", {"min_value": "2026-01-01 00:00:01"}, 10),
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", [pytest.param("UTC", marks=pytest.mark.slow), "America/New_York"])
def test_shares_groups_and_conditions_together(
    shop: Shop, kind: str, column: str, arguments: dict[str, Any], failures: int, zone: str
) -> None:
    """Wherever the clock is set: a moment without a zone is one of UTC."""
    check = made(kind, column, arguments=arguments)
    with shop.engine.session() as session:
        session.execute(f"SET TimeZone = '{zone}'")
        verdict = shop.check_in(session, check).verdicts[0]
        session.execute("SET TimeZone = 'UTC'")
    assert (verdict.failures, verdict.status) == (failures, "fail" if failures else "pass"), verdict.message
    assert bool(verdict.sample) is bool(failures)


@pytest.mark.parametrize(
    ("settings", "status", "failures"),
    [
        ({"severity": "warn"}, "warn", 8),
        ({"limit": 3}, "fail", 3),
        ({"warn_if": "> 7", "error_if": "> 8"}, "warn", 8),
        ({"warn_if": "> 8", "error_if": "> 8"}, "pass", 8),
        ({"error_if": ">= 80%", "warn_if": "> 50%"}, "fail", 8),
        ({"error_if": "> 80%", "warn_if": "> 50%"}, "warn", 8),
        ({"fail_calc": "max(amount)"}, "fail", 100),
        ({"fail_calc": "max(amount)", "where": "id < 3"}, "pass", 0),
        ({"where": "id = 4", "store_failures": True}, "fail", 1),
    ],
)
def test_dbts_settings_judge_ours(shop: Shop, settings: dict[str, Any], status: str, failures: int) -> None:
    check = made("accepted_range", "amount", arguments={"max_value": 20}, alias="kept", **settings)
    verdict = shop.verdict(changed(check, failures_schema="dbt_test__audit"))
    assert (verdict.status, verdict.failures) == (status, failures)
    if check.store_failures:
        assert shop.fetch("select id from main_dbt_test__audit.kept") == [(4,)]


@pytest.mark.parametrize(("mostly", "kept"), [(0.11, 0), (0.12, 8), (1, 8)])
@pytest.mark.parametrize("fail_calc", ["count(*)", "count(*) + 0"])
def test_rows_that_may_fail_are_no_failures(shop: Shop, mostly: float, kept: int, fail_calc: str) -> None:
    """Neither where they are kept, nor for a calculation of the team's own."""
    check = made("accepted_range", "amount", arguments={"max_value": 20, "mostly": mostly}, alias="kept",
                 store_failures=True, failures_schema="dbt_test__audit", fail_calc=fail_calc)  # fmt: skip
    assert shop.verdict(check).failures == kept
    assert len(shop.fetch("select * from main_dbt_test__audit.kept")) == kept


GROUPLESS = {
    "unique": {"columns": ["id"]}, "distinct_values": {"values": ["DE"]}, "category_shares": {"shares": {"DE": 1}},
    "consistent_casing": {}, "of_type": {"types": ["int"]}, "columns": {"columns": ["id"]},
    "column_count": {"equals": 8}, "relationships": {"to": "people", "field": "id"},
    "cardinality_equality": {"to": "people", "field": "id"},
    "equality": {"to": "people"}, "sql": {"query": "from {table}"},
}  # fmt: skip


@pytest.mark.parametrize("kind", GROUPLESS)
def test_a_kind_that_cannot_ask_groups_does_not_pass_over_the_word(kind: str) -> None:
    column = "" if KINDS[kind].about == "table" else "country"
    check = made(kind, column, arguments={**GROUPLESS[kind], "group_by": ["country"]})
    with pytest.raises(ConfigError, match=f"`{kind}` takes no `group_by`") as caught:
        arguments_of(check)
    assert caught.value.location == "models/shop.yml:7" and caught.value.hint.startswith("it takes ")


@pytest.mark.parametrize(
    ("kind", "column", "arguments", "least"),
    [
        ("volume", "", {"max_change": 1, "builds": 0}, 1),
        ("drift", "id", {"of": "mean", "max_change": 1, "builds": 0}, 1),
        ("usual_period", "day", {"periods": 6}, 7),
    ],
)
def test_a_check_that_could_never_fail_is_refused(
    kind: str, column: str, arguments: dict[str, Any], least: int
) -> None:  # fmt: skip
    with pytest.raises(ConfigError, match="is not what it takes") as caught:
        arguments_of(made(kind, column, arguments=arguments))
    assert caught.value.hint == f"write a whole number from {least}."


STILL: dict[str, tuple[str, dict[str, Any]]] = {
    "not_null": ("id", {}),
    "accepted_range": ("day", {"max_value": "2026-02-01"}),
    "expression_is_true": ("id", {"expression": "> 0"}),
    "accepted_values": ("id", {"values": ["1 + 1"], "quote": False}),
    "sql": ("", {"query": "select * from {table} where id > 10"}),
    "row_count": ("", {"min_value": 1, "row_condition": "day > date '2026-01-01'"}),
    "columns_sum_to": ("", {"columns": ["id", "odd"], "total": "id + odd"}),
}
MOVING: list[tuple[str, str, dict[str, Any], str]] = [
    ("freshness", "day", {"within": "20000 days"}, ""),
    ("accepted_range", "day", {"max_value": "now()::date + 20000"}, ""),
    ("aggregate_range", "day", {"aggregate": "max", "max_value": "current_date + 20000"}, ""),
    ("expression_is_true", "day", {"expression": "< now()::date + 20000"}, ""),
    ("expression_is_true", "", {"expression": "random() < 2"}, ""),
    ("accepted_values", "day", {"values": ["current_date"], "quote": False}, ""),
    ("not_accepted_values", "day", {"values": ["current_date"], "quote": False}, ""),
    ("compare_columns", "", {"column_a": "id", "column_b": "day", "pairs": [[1, "current_date"]], "quote": False}, ""),
    ("sql", "", {"query": "select * from {table} where day > now() + interval 9000 days"}, ""),
    ("row_count", "", {"min_value": 0, "row_condition": "day < now()"}, ""),
    ("relationships", "id", {"to": "people", "field": "id", "to_condition": "now() > date '2026-01-01'"}, ""),
    ("not_null", "id", {}, "day < current_date"),
]


@pytest.mark.parametrize("kind", STILL)
def test_a_verdict_is_good_for_as_long_as_the_table_is(shop: Shop, kind: str) -> None:
    column, arguments = STILL[kind]
    check = made(kind, column, arguments=arguments)
    assert shop.verdict(check, cached=remembered(shop.verdict(check))).cached


@pytest.mark.parametrize(("kind", "column", "arguments", "where"), MOVING)
def test_what_reads_the_clock_is_asked_again(
    shop: Shop, kind: str, column: str, arguments: dict[str, Any], where: str
) -> None:  # fmt: skip
    check = made(kind, column, arguments=arguments, where=where)
    first = shop.verdict(check)
    assert first.status != "error", first.message
    assert not shop.verdict(check, cached=remembered(first)).cached


@pytest.mark.parametrize(
    ("kind", "column", "arguments"),
    [("volume", "", {"max_change": 0.1}), ("drift", "amount", {"of": "mean", "max_change": 0.1})],
)
def test_what_compares_with_builds_before_is_asked_again(
    shop: Shop, kind: str, column: str, arguments: dict[str, Any]
) -> None:  # fmt: skip
    """In another environment they are others: what was nothing unusual there may be so here."""
    check = made(kind, column, arguments=arguments)
    first, elsewhere = shop.verdict(check), replace(shop, history=(Profile(1, "x", {"amount": {"mean": 0.01}}),))
    assert (first.status, elsewhere.verdict(check, cached=remembered(first)).status) == ("pass", "fail")


OF_A_PERSON: list[tuple[str, str, dict[str, Any]]] = [
    ("accepted_values", "email", {"values": ["x"]}),
    ("not_accepted_values", "email", {"values": ["p1@example.org"]}),
    ("distinct_values", "email", {"values": ["p1@example.org"], "exact": True}),
    ("most_common_value", "email", {"values": ["x"]}),
    ("category_shares", "email", {"shares": {"p1@example.org": 0.9}, "tolerance": 0.01}),
    ("aggregate_range", "email", {"aggregate": "max", "max_value": "'a'"}),
    ("row_count", "", {"equals": 99, "group_by": ["email"]}),
    ("monotonic", "email", {"sort_column": "id", "direction": "decreasing"}),
    ("unique_within_row", "", {"columns": ["email", "email"]}),
    ("relationships", "email", {"to": "people", "field": "email"}),
    ("relationships", "email", {"to": "people", "field": "email", "both_ways": True}),
    ("cardinality_equality", "email", {"to": "people", "field": "email"}),
    ("equality", "", {"to": "people", "columns": ["email"]}),
    ("regex", "email", {"regex": "never"}),
    ("expression_is_true", "", {"expression": "email = ''"}),
    ("expression_range", "", {"expression": "max(email)", "max_value": "'a'"}),
    ("equal_aggregate", "", {"expression": "max(length(email))", "to": "people", "group_by": ["email"]}),
    ("sql", "", {"query": "select upper(email) as id, id as number from {table}"}),
]


@pytest.mark.parametrize(("kind", "column", "arguments"), OF_A_PERSON)
def test_no_sample_shows_a_person(shop: Shop, kind: str, column: str, arguments: dict[str, Any]) -> None:
    """Whatever a kind calls what it shows: `value`, `max`, `previous`, `group 1`."""
    shop.persons = {"payments": ["email"], "people": ["email"]}
    verdict = shop.verdict(made(kind, column, arguments=arguments))
    shop.persons = {}
    assert verdict.status == "fail" and verdict.sample, verdict.message
    assert "example.org" not in str([*verdict.sample, verdict.message]).lower()
    assert "***" in str(verdict.sample)


def test_columns_that_are_no_persons_are_shown_beside(shop: Shop) -> None:
    shop.persons = {"payments": ["email"]}
    verdict = shop.verdict(made("aggregate_range", "amount", arguments={"aggregate": "max", "max_value": 1}))
    shop.persons = {}
    assert verdict.sample == ({"max": 100},)
