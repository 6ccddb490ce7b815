"""Every kind of check, on a table that is as it should be and on one that is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from checking import Shop, made, open_shop

from dryland.check.kinds.catalogue import KINDS
from dryland.check.threshold import verify_conditions
from dryland.errors import ConfigError
from dryland.state.records import Profile

ORDERS = """
select * from (values
    (1, 'a@x.org', 'DE', 10.0, 'EUR', date '2026-01-01', 5, 5, '2026-01-01'),
    (2, 'b@x.org', 'DE', 20.0, 'EUR', date '2026-01-02', 3, 7, '2026-01-02'),
    (3, null,      'CH', 30.0, 'CHF', date '2026-01-04', 0, 10, 'never'),
    (3, 'nobody',  'ch', 99.0, 'EUR', null,              1, 8, ' ')
) as orders (id, email, country, amount, currency, day, part, rest, text)
"""
PEOPLE = "select * from (values (1, 'DE'), (2, 'DE'), (7, 'CH')) as people (id, country)"
BEFORE = (
    Profile(4, "x", {"amount": {"mean": 39.0, "nulls": 0, "min": 10.0, "max": 99.0, "distinct": 4}}),
    Profile(5, "y", {"amount": {"mean": 41.0, "nulls": 0, "min": 10.0, "max": 99.0, "distinct": 4}}),
    Profile(1000, "z", {"amount": {"mean": 40.0, "nulls": 0, "min": 10.0, "max": 99.0, "distinct": 4}}),
)
PAIRS = [["DE", "EUR"], ["CH", "CHF"]]
COLUMNS = ["id", "email", "country", "amount", "currency", "day", "part", "rest", "text"]

# kind, column, arguments -> failures
CASES: list[tuple[str, str, dict[str, Any], int]] = [
    ("not_null", "email", {}, 1),
    ("not_null", "id", {}, 0),
    ("not_null", "email", {"mostly": 0.75}, 0),
    ("not_null", "email", {"mostly": 0.76}, 1),
    ("not_null", "email", {"group_by": ["country"]}, 1),
    ("null", "email", {}, 3),
    ("null", "email", {"row_condition": "id = 3 and country = 'CH'"}, 0),
    ("unique", "id", {}, 1),
    ("unique", "amount", {}, 0),
    ("unique", "", {"columns": ["id", "country"]}, 0),
    ("unique", "", {"columns": ["id", "part"], "row_condition": "id < 3"}, 0),
    ("unique", "", {"columns": ["country", "currency"]}, 1),
    ("unique_within_row", "", {"columns": ["id", "part", "rest"]}, 1),
    ("unique_within_row", "", {"columns": ["id", "amount"]}, 0),
    ("accepted_values", "country", {"values": ["DE", "CH"]}, 1),
    ("accepted_values", "country", {"values": ["DE", "CH", "ch"]}, 0),
    ("accepted_values", "id", {"values": [1, 2], "quote": False}, 1),
    ("accepted_values", "country", {"values": ["DE"], "mostly": 0.5}, 0),
    ("accepted_values", "country", {"values": ["DE"], "mostly": 0.6}, 2),
    ("not_accepted_values", "country", {"values": ["ch", "FR"]}, 1),
    ("not_accepted_values", "id", {"values": [9], "quote": False}, 0),
    ("distinct_values", "country", {"values": ["DE", "FR"]}, 1),
    ("distinct_values", "country", {"values": ["DE"]}, 0),
    ("distinct_values", "country", {"values": ["DE", "FR"], "exact": True}, 3),
    ("most_common_value", "country", {"values": ["DE"]}, 0),
    ("most_common_value", "country", {"values": ["CH"]}, 1),
    ("category_shares", "country", {"shares": {"DE": 0.5, "CH": 0.25, "ch": 0.25}}, 0),
    ("category_shares", "country", {"shares": {"DE": 0.5, "FR": 0.5}}, 3),
    ("category_shares", "country", {"shares": {"DE": 0.6, "CH": 0.3, "ch": 0.1}, "tolerance": 0.15}, 0),
    ("accepted_range", "amount", {"min_value": 0, "max_value": 50}, 1),
    ("accepted_range", "amount", {"min_value": 10, "max_value": 99}, 0),
    ("accepted_range", "amount", {"min_value": 10, "max_value": 99, "inclusive": False}, 2),
    ("accepted_range", "amount", {"min_value": 10, "strict_min": True}, 1),
    ("accepted_range", "amount", {"max_value": "id * 10"}, 1),
    ("accepted_range", "day", {"min_value": "2026-01-02"}, 1),
    ("accepted_range", "amount", {"max_value": 50, "mostly": 0.75}, 0),
    ("accepted_range", "amount", {"max_value": 15, "group_by": ["currency"]}, 2),
    ("value_length", "country", {"equals": 2}, 0),
    ("value_length", "email", {"equals": 7}, 1),
    ("value_length", "email", {"min_value": 7}, 1),
    ("value_length", "id", {"max_value": 1}, 0),
    ("not_empty_string", "email", {}, 0),
    ("not_empty_string", "text", {}, 1),
    ("not_empty_string", "text", {"trim_whitespace": False}, 0),
    ("regex", "email", {"regex": "@"}, 1),
    ("regex", "email", {"regex": ["@", "^nobody$"]}, 0),
    ("regex", "email", {"regex": ["@", "^a"], "match_on": "all"}, 2),
    ("regex", "email", {"regex": "@", "not": True}, 2),
    ("like", "email", {"pattern": "%@x.org"}, 1),
    ("like", "email", {"pattern": ["%@x.org", "no%"]}, 0),
    ("like", "email", {"pattern": "%@%", "not": True}, 2),
    ("format", "email", {"format": "email"}, 1),
    ("format", "text", {"format": "date"}, 2),
    ("format", "text", {"strftime": "%Y-%m-%d"}, 2),
    ("format", "text", {"format": "number"}, 4),
    ("format", "id", {"format": "integer"}, 0),
    ("consistent_casing", "country", {}, 1),
    ("consistent_casing", "currency", {}, 0),
    ("of_type", "id", {"types": ["int"]}, 0),
    ("of_type", "id", {"types": ["text", "double"]}, 1),
    ("of_type", "amount", {"types": ["decimal"]}, 0),
    ("of_type", "amount", {"types": ["decimal(18, 3)"]}, 1),
    ("aggregate_range", "amount", {"aggregate": "mean", "min_value": 39, "max_value": 40}, 0),
    ("aggregate_range", "amount", {"aggregate": "mean", "min_value": 40}, 1),
    ("aggregate_range", "amount", {"aggregate": "sum", "max_value": 159}, 0),
    ("aggregate_range", "amount", {"aggregate": "sum", "max_value": 40, "group_by": ["currency"]}, 1),
    ("aggregate_range", "amount", {"aggregate": "sum", "max_value": 40, "row_condition": "currency = 'CHF'"}, 0),
    ("aggregate_range", "amount", {"aggregate": "median", "min_value": 25, "max_value": 25}, 0),
    ("aggregate_range", "amount", {"aggregate": "quantile", "quantile": 0.5, "max_value": 24}, 1),
    ("aggregate_range", "amount", {"aggregate": "quantile", "max_value": 15, "row_condition": "id < 3"}, 0),
    ("aggregate_range", "amount", {"aggregate": "stdev", "max_value": 30}, 1),
    ("aggregate_range", "amount", {"aggregate": "min", "min_value": 10}, 0),
    ("aggregate_range", "day", {"aggregate": "max", "max_value": "2026-01-03"}, 1),
    ("aggregate_range", "country", {"aggregate": "distinct_count", "max_value": 2}, 1),
    ("aggregate_range", "country", {"aggregate": "distinct_share", "min_value": 0.75}, 0),
    ("aggregate_range", "email", {"aggregate": "value_share", "min_value": 0.9}, 1),
    ("aggregate_range", "email", {"aggregate": "count", "min_value": 3}, 0),
    ("outliers", "amount", {"stdevs": 1}, 1),
    ("outliers", "amount", {"stdevs": 3}, 0),
    ("row_count", "", {"min_value": 1}, 0),
    ("row_count", "", {"equals": 5}, 1),
    ("row_count", "", {"min_value": 2, "group_by": ["country"]}, 2),
    ("row_count", "", {"max_value": 1, "row_condition": "country = 'DE'"}, 1),
    ("columns", "", {"columns": ["id", "EMAIL"]}, 0),
    ("columns", "", {"columns": ["id", "phone"]}, 1),
    ("columns", "", {"columns": COLUMNS, "ordered": True}, 0),
    ("columns", "", {"columns": [*COLUMNS[1:], "id"], "ordered": True}, 9),
    ("columns", "", {"columns": COLUMNS[1:], "exact": True}, 1),
    ("column_count", "", {"equals": 9}, 0),
    ("column_count", "", {"max_value": 8}, 1),
    ("expression_is_true", "", {"expression": "part <= rest"}, 0),
    ("expression_is_true", "", {"expression": "amount < 50 or id < 3"}, 1),
    ("expression_is_true", "amount", {"expression": "> 10"}, 1),
    ("expression_is_true", "", {"expression": "day is not null", "mostly": 0.75}, 0),
    ("compare_columns", "", {"column_a": "rest", "column_b": "part", "operator": ">"}, 1),
    ("compare_columns", "", {"column_a": "rest", "column_b": "part", "operator": ">", "or_equal": True}, 0),
    ("compare_columns", "", {"column_a": "country", "column_b": "currency", "pairs": PAIRS}, 1),
    ("compare_columns", "", {"column_a": "id", "column_b": "part", "pairs": [["null or true", 9]], "quote": False}, 4),
    ("columns_sum_to", "", {"columns": ["part", "rest"], "total": 10}, 1),
    ("columns_sum_to", "", {"columns": ["part", "rest"], "total": 10, "tolerance": 1}, 0),
    ("columns_sum_to", "", {"columns": ["part", "rest"], "total": "part + rest"}, 0),
    ("monotonic", "amount", {"sort_column": "id"}, 0),
    ("monotonic", "part", {"sort_column": "amount"}, 2),
    ("monotonic", "part", {"sort_column": "amount", "direction": "decreasing"}, 1),
    ("monotonic", "id", {"sort_column": "amount", "strictly": False}, 0),
    ("monotonic", "id", {"sort_column": "amount"}, 1),
    ("sequential_values", "id", {}, 1),
    ("sequential_values", "id", {"row_condition": "id < 3"}, 0),
    ("sequential_values", "day", {"datepart": "day"}, 1),
    ("no_gaps", "day", {}, 1),
    ("no_gaps", "day", {"datepart": "month"}, 0),
    ("no_gaps", "day", {"interval": 2}, 0),
    ("mutually_exclusive_ranges", "", {"lower_bound_column": "part", "upper_bound_column": "rest"}, 4),
    (
        "mutually_exclusive_ranges",
        "",
        {"lower_bound_column": "part", "upper_bound_column": "rest", "group_by": ["id"]},
        2,
    ),
    (
        "mutually_exclusive_ranges",
        "",
        {"lower_bound_column": "part", "upper_bound_column": "rest", "row_condition": "id = 2"},
        0,
    ),
    ("freshness", "day", {"within": "1 hour"}, 1),
    ("freshness", "day", {"within": "20000 days"}, 0),
    ("freshness", "day", {"interval": 1, "datepart": "quarter"}, 1),
    ("freshness", "day", {"interval": 900, "datepart": "year", "row_condition": "day is null"}, 1),
    ("usual_period", "day", {}, 0),
    ("volume", "", {"min_change": -0.2, "max_change": 0.2}, 0),
    ("volume", "", {"min_change": -0.1}, 1),
    ("volume", "", {"min_change": -0.1, "builds": 1}, 0),
    ("drift", "amount", {"of": "mean", "max_change": 0.1, "min_change": -0.1}, 0),
    ("drift", "amount", {"of": "mean", "max_change": 0.1, "min_change": -0.001}, 1),
    ("drift", "email", {"of": "nulls", "max_change": 0}, 0),
    ("drift", "amount", {"of": "nulls", "max_change": 0}, 0),
    ("drift", "amount", {"of": "distinct", "max_change": 0.2}, 1),
    ("drift", "amount", {"of": "distinct", "max_change": 0.3}, 0),
    ("relationships", "id", {"to": "people", "field": "id"}, 2),
    ("relationships", "id", {"to": "people", "field": "id", "row_condition": "id < 3"}, 0),
    ("relationships", "id", {"to": "people", "field": "id", "both_ways": True}, 3),
    ("relationships", "country", {"to": "people", "field": "country", "to_condition": "id < 3"}, 2),
    ("cardinality_equality", "country", {"to": "people", "field": "country"}, 1),
    ("cardinality_equality", "country", {"to": "people", "field": "country", "row_condition": "country = 'X'"}, 2),
    ("cardinality_equality", "country", {"to": "payments", "field": "country"}, 0),
    ("equal_rowcount", "", {"to": "people"}, 1),
    ("equal_rowcount", "", {"to": "people", "tolerance": 0.4}, 0),
    ("fewer_rows_than", "", {"to": "people"}, 1),
    ("fewer_rows_than", "", {"to": "payments", "or_equal": True}, 0),
    ("equality", "", {"to": "people", "columns": ["id"]}, 2),
    ("equality", "", {"to": "people", "columns": ["id"], "as_often": True}, 3),
    ("equality", "", {"to": "people", "columns": ["id", "country"], "precision": 1}, 3),
    ("equality", "", {"to": "payments", "precision": 0}, 0),
    ("equality", "", {"to": "payments"}, 0),
    ("equality", "", {"to": "people", "columns": ["id", "country"], "exclude_columns": ["id"]}, 1),
    ("sql", "", {"query": "select * from {table} where amount > 50"}, 1),
    ("sql", "", {"query": "select 1 from {table} as mine where mine.id = 0;"}, 0),
    # what Great Expectations and dbt's packages ask besides
    ("accepted_values", "email", {"values": ["a@x.org", "b@x.org", "nobody"], "nulls_fail": True}, 1),
    ("accepted_values", "email", {"values": ["a@x.org"], "nulls_fail": True, "mostly": 0.3}, 3),
    ("not_accepted_values", "country", {"values": ["DE"]}, 1),
    ("not_accepted_values", "country", {"values": ["DE"], "mostly": 0.6}, 2),
    ("not_accepted_values", "country", {"values": ["DE"], "mostly": 0.5}, 0),
    ("distinct_values", "email", {"values": ["a@x.org", "b@x.org", "nobody"], "exact": True, "nulls_fail": True}, 1),
    ("distinct_values", "amount", {"values": [10, 20, 30, 99], "quote": False, "exact": True}, 0),
    ("most_common_value", "id", {"values": [3], "ties_okay": False}, 0),
    ("most_common_value", "amount", {"values": [10, 20, 30, 99], "ties_okay": False}, 4),
    ("most_common_value", "country", {"values": ["DE"], "top_n": 1}, 0),
    ("most_common_value", "country", {"values": ["DE"], "top_n": 2}, 1),
    ("aggregate_range", "country", {"aggregate": "distinct_count", "equals": 3}, 0),
    ("aggregate_range", "country", {"aggregate": "distinct_count", "equals": 2}, 1),
    ("aggregate_range", "amount", {"aggregate": "quantile", "interpolate": False, "max_value": 20}, 0),
    ("not_constant", "country", {}, 0),
    ("not_constant", "country", {"row_condition": "country = 'DE'"}, 1),
    ("not_constant", "email", {"row_condition": "email is null"}, 0),
    ("not_constant", "id", {"group_by": ["currency"]}, 1),
    ("unique", "id", {"mostly": 0.5}, 0),
    ("unique", "id", {"mostly": 0.6}, 2),
    ("unique", "", {"columns": ["email", "day"], "ignore_row_if": "any_value_is_missing"}, 0),
    ("unique", "", {"columns": ["country", "currency"], "mostly": 1}, 2),
    ("unique_within_row", "", {"columns": ["email", "text"], "nulls_fail": True}, 1),
    ("unique_within_row", "", {"columns": ["email", "country"], "nulls_are_values": True}, 0),
    ("consistent_casing", "email", {"display_inconsistent_columns": False}, 1),
    ("outliers", "amount", {"stdevs": 1, "double_sided": False}, 1),
    ("outliers", "amount", {"stdevs": 1.1, "of": "sums", "group_by": ["id"]}, 1),
    ("outliers", "amount", {"stdevs": 1.2, "of": "sums", "group_by": ["id"]}, 0),
    ("outliers", "amount", {"stdevs": 1, "of": "sums"}, 0),
    ("regex", "email", {"regex": "^A", "flags": "i", "not": True}, 1),
    ("regex", "email", {"regex": ["@", "^a"], "not": True}, 2),
    ("regex", "email", {"regex": ["@", "^a"], "not": True, "match_on": "any"}, 1),
    ("like", "email", {"pattern": ["%@%", "a%"], "not": True, "match_on": "any"}, 1),
    ("compare_columns", "", {"column_a": "email", "column_b": "email", "operator": "=", "nulls_fail": True}, 1),
    (
        "compare_columns",
        "",
        {
            "column_a": "email",
            "column_b": "email",
            "operator": "=",
            "nulls_fail": True,
            "ignore_row_if": "both_values_are_missing",
        },
        0,
    ),
    (
        "compare_columns",
        "",
        {
            "column_a": "country",
            "column_b": "currency",
            "quote": False,
            "pairs": [["'DE'", "'EUR'"], ["'CH'", "'CHF'"]],
        },
        1,
    ),
    ("columns_sum_to", "", {"columns": ["part", "rest"], "total": 39, "of": "table"}, 0),
    ("columns_sum_to", "", {"columns": ["part", "rest"], "total": "part * 4", "of": "table"}, 1),
    ("aggregate_range", "id", {"aggregate": "sum", "max_value": "product(id)", "row_condition": "id < 3"}, 1),
    ("aggregate_range", "id", {"aggregate": "sum", "max_value": "product(id) + 1", "row_condition": "id < 3"}, 0),
    ("columns", "", {"columns": ["phone", "id"], "forbidden": True}, 1),
    ("columns", "", {"columns": ["email"], "position": 2}, 0),
    ("columns", "", {"columns": ["email"], "position": 1}, 1),
    ("column_count", "", {"to": "people"}, 1),
    ("column_count", "", {"to": "payments"}, 0),
    ("monotonic", "amount", {"sort_column": "id", "step": 10}, 1),
    ("monotonic", "id", {"sort_column": ""}, 1),
    ("monotonic", "email", {"sort_column": "amount", "direction": "decreasing", "skip_nulls": False}, 1),
    ("monotonic", "email", {"sort_column": "amount", "direction": "decreasing"}, 2),
    ("no_gaps", "day", {"first": "2026-01-01", "until": "2026-01-03"}, 0),
    ("no_gaps", "day", {"first": "2025-12-30", "until": "2026-01-06"}, 3),
    ("no_gaps", "day", {"until": "2026-01-03", "row_condition": "id = 1"}, 1),
    ("freshness", "day", {"within": "20000 days", "ignore_future": True, "ignore_time_component": True}, 0),
    ("freshness", "day", {"within": "1 hour", "row_condition": "day is null", "empty": "passes"}, 0),
    ("expression_is_true", "", {"expression": "sum(amount) > 100"}, 0),
    ("expression_is_true", "", {"expression": "sum(amount) > 40", "group_by": ["currency"]}, 1),
    ("expression_is_true", "", {"expression": "count(*) > 1", "row_condition": "id = 1"}, 1),
    ("expression_is_true", "", {"expression": "amount", "test_condition": "> 10"}, 1),
    ("expression_range", "", {"expression": "part + rest", "min_value": 10}, 1),
    ("expression_range", "", {"expression": "sum(part)", "max_value": 9}, 0),
    ("expression_range", "", {"expression": "sum(part)", "max_value": 9, "strict_max": True}, 1),
    ("equal_rowcount", "", {"to": "people", "group_by": ["country"]}, 1),
    ("equal_rowcount", "", {"to": "payments", "group_by": ["country"]}, 0),
    ("fewer_rows_than", "", {"to": "people", "group_by": ["country"]}, 3),
    ("equal_aggregate", "", {"to": "people", "expression": "max(id)"}, 1),
    ("equal_aggregate", "", {"to": "people", "expression": "max(id)", "tolerance": 4}, 0),
    ("equal_aggregate", "", {"to": "people", "expression": "max(id)", "tolerance_percent": 1.4}, 0),
    ("equal_aggregate", "", {"expression": "0 * max(id)", "to_expression": "max(id)", "tolerance_percent": 9}, 1),
    ("equal_aggregate", "", {"expression": "0 * max(id)", "tolerance_percent": 0.1}, 0),
    ("equal_aggregate", "", {"expression": "-max(id)", "to_expression": "max(id)", "tolerance_percent": 0.1}, 1),
    ("equal_aggregate", "", {"to": "people", "expression": "count(*)", "factor": 2}, 1),
    ("equal_aggregate", "", {"to": "people", "expression": "count(*)", "group_by": ["country"]}, 1),
    ("equal_aggregate", "", {"to": "people", "expression": "count(*)", "row_condition": "id < 3"}, 0),
    ("equal_aggregate", "", {"to": "people", "expression": "count(*)", "to_condition": "id = 1"}, 1),
    ("equal_aggregate", "id", {"to": "people"}, 0),
    ("equal_aggregate", "id", {"to": "people", "to_column": "country"}, 1),
    ("equal_aggregate", "", {"expression": "sum(part)", "to_expression": "sum(rest)"}, 1),
]


DAYS = """
select date '2026-01-01' + day::integer as day, 'DE' as country, 10.0 + day % 3 as amount
from range(30) as days (day), range(100) as orders
union all select date '2026-01-31', 'DE', {amount} from range({orders})
"""


@pytest.mark.parametrize(
    ("orders", "amount", "arguments", "failures"),
    [
        (100, 11, {}, 0),
        (95, 11, {}, 0),
        (50, 11, {}, 1),
        (200, 11, {"group_by": ["country"]}, 1),
        (100, 11, {"measure": "amount"}, 0),
        (100, 1100, {"measure": "amount"}, 1),
        (50, 11, {"row_condition": "day < '2026-01-31'"}, 0),
        (50, 11, {"periods": 7}, 1),
        (50, 11, {"datepart": "week"}, 0),  # too few to tell
        (50, 11, {"min_change": 0.6}, 0),
    ],
)
def test_the_last_day_is_compared_with_those_before(
    orders: int, amount: int, arguments: dict[str, Any], failures: int
) -> None:
    with open_shop() as opened:
        opened.table(DAYS.format(amount=amount, orders=orders))
        verdict = opened.verdict(made("usual_period", "day", arguments=arguments))
    assert verdict.failures == failures, verdict.message


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        shop.table(ORDERS)
        shop.table(PEOPLE, "people")
        shop.history = BEFORE
        yield shop


@pytest.mark.parametrize(("kind", "column", "arguments", "failures"), CASES, ids=lambda each: str(each)[:40])
def test_a_check_counts_what_fails(
    shop: Shop, kind: str, column: str, arguments: dict[str, Any], failures: int
) -> None:  # fmt: skip
    verdict = shop.verdict(made(kind, column, arguments=arguments))
    assert (verdict.status, verdict.failures) == ("fail" if failures else "pass", failures), verdict.message
    if failures:
        assert verdict.sample, "what offends is shown"
        assert "{" not in verdict.message


def test_every_kind_passes_once_and_fails_once() -> None:
    """A kind that the table of cases forgets would be one that nobody tried."""
    passed, failed = ({case[0] for case in CASES if bool(case[3]) is failing} for failing in (False, True))
    assert passed >= {*KINDS} and failed >= {*KINDS} - {"usual_period"}


def test_many_checks_of_a_table_share_its_scan(shop: Shop) -> None:
    """Rows, aggregates, groups and what is known of columns are asked together, in few statements."""
    mine = [made(kind, column, name=f"c{number}", arguments=arguments)
            for number, (kind, column, arguments, _) in enumerate(CASES) if "to" not in arguments]  # fmt: skip
    outcome = shop.check(*mine)
    expected = [failures for _, _, arguments, failures in CASES if "to" not in arguments]
    assert [verdict.failures for verdict in outcome.verdicts] == expected
    scans = [asked for asked in shop.statements if "LIMIT 20" not in asked]
    assert len(scans) < len(mine) / 10, "statistics, values of columns that have few, the scan, what these left open"


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"error_if": "> 25%"}, "warn"),
        ({"error_if": ">= 25%"}, "fail"),
        ({"error_if": "> 25 %", "warn_if": "> 30 %"}, "pass"),
        ({"error_if": "between 20% and 30%"}, "fail"),
        ({"error_if": "> 40%", "where": "id = 3"}, "fail"),
        ({"error_if": "> 60%", "warn_if": "> 50%", "where": "id = 3"}, "pass"),
        ({"error_if": ">= 5%", "where": "email is not null"}, "pass"),
        ({"error_if": ">= 5%", "where": "false"}, "pass"),
    ],
)
def test_a_threshold_may_be_a_share_of_the_rows_that_are_looked_at(
    shop: Shop, conditions: dict[str, str], status: str
) -> None:  # fmt: skip
    assert shop.verdict(made("not_null", "email", **conditions)).status == status


@pytest.mark.parametrize(("columns", "failures"), [(["a"], 1), (["a", "b"], 1), (["b"], 0)])
def test_a_column_without_values_adds_nothing(columns: list[str], failures: int) -> None:
    """Beside one that has some; alone there is nothing to compare."""
    with open_shop() as opened:
        opened.table("select 1 as a, null::int as b")
        check = made("columns_sum_to", arguments={"columns": columns, "total": 9, "of": "table"})
        assert opened.verdict(check).failures == failures


def test_a_share_needs_a_table() -> None:
    """A singular test reads what it likes: nobody can say of how many rows a share would be."""
    check = made("singular", "", error_if="> 5%")
    with pytest.raises(ConfigError, match="about no table"):
        verify_conditions(check)


@pytest.mark.parametrize("name", ["id", "rowid"])
def test_rows_are_shown_whole_however_they_are_found(name: str) -> None:
    """They are found by their place, unless a column of the table's own has the name of that."""
    with open_shop() as opened:
        opened.table(f"select 5 - i as {name}, 'x' || i as label from range(5) as t (i)")
        sample = opened.verdict(made("accepted_range", name, arguments={"min_value": 3})).sample
        assert sample == ({name: 2, "label": "x3"}, {name: 1, "label": "x4"})
        assert any("rowid IN" in asked for asked in opened.statements) is (name != "rowid")
