"""A suite of Great Expectations becomes checks that say the same, or is told with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dryland.check.given import arguments_of
from dryland.errors import UsageError
from dryland.project.expectations.condition import UnknownConditionError, condition_sql
from dryland.project.expectations.mapping import checks_of
from dryland.project.expectations.rules import REASONS, RULES, NotImportedError
from dryland.project.expectations.suite import Expectation, read_suites
from dryland.project.nodes import Check, Place

# Every expectation of Great Expectations 1.24's core
CORE = """
expect_column_distinct_values_to_be_in_set expect_column_distinct_values_to_contain_set
expect_column_distinct_values_to_equal_set expect_column_kl_divergence_to_be_less_than expect_column_max_to_be_between
expect_column_mean_to_be_between expect_column_median_to_be_between expect_column_min_to_be_between
expect_column_most_common_value_to_be_in_set expect_column_pair_values_a_to_be_greater_than_b
expect_column_pair_values_to_be_equal expect_column_pair_values_to_be_in_set
expect_column_proportion_of_non_null_values_to_be_between expect_column_proportion_of_unique_values_to_be_between
expect_column_quantile_values_to_be_between expect_column_stdev_to_be_between expect_column_sum_to_be_between
expect_column_to_exist expect_column_type_to_be expect_column_unique_value_count_to_be_between
expect_column_value_lengths_to_be_between expect_column_value_lengths_to_equal
expect_column_value_z_scores_to_be_less_than expect_column_values_to_be_between
expect_column_values_to_be_dateutil_parseable expect_column_values_to_be_decreasing expect_column_values_to_be_in_set
expect_column_values_to_be_in_type_list expect_column_values_to_be_increasing expect_column_values_to_be_json_parseable
expect_column_values_to_be_null expect_column_values_to_be_of_type expect_column_values_to_be_unique
expect_column_values_to_match_json_schema expect_column_values_to_match_like_pattern
expect_column_values_to_match_like_pattern_list expect_column_values_to_match_regex
expect_column_values_to_match_regex_list expect_column_values_to_match_strftime_format
expect_column_values_to_not_be_in_set expect_column_values_to_not_be_null expect_column_values_to_not_be_outliers
expect_column_values_to_not_match_like_pattern expect_column_values_to_not_match_like_pattern_list
expect_column_values_to_not_match_regex expect_column_values_to_not_match_regex_list
expect_compound_columns_to_be_unique expect_multicolumn_sum_to_equal expect_multicolumn_values_to_be_equal
expect_multicolumn_values_to_be_unique expect_query_results_to_match_comparison
expect_select_column_values_to_be_unique_within_record expect_table_column_count_to_be_between
expect_table_column_count_to_equal expect_table_columns_to_match_ordered_list expect_table_columns_to_match_set
expect_table_row_count_to_be_between expect_table_row_count_to_equal expect_table_row_count_to_equal_other_table
unexpected_rows_expectation
""".split()
X = {"column": "x"}
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
SAID: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("expect_column_values_to_not_be_null", X, ["not_null"]),
    ("expect_column_values_to_not_be_null", {**X, "mostly": 0.9}, [{"not_null": {"mostly": 0.9}}]),
    ("expect_column_values_to_not_be_null", {**X, "mostly": 1.0}, ["not_null"]),
    ("expect_column_values_to_be_unique", {**X, "row_condition": 'col("y") > 5'},
     [{"unique": {"config": {"where": '"y" > 5'}}}]),
    (IN_SET, {**X, "value_set": ["a", None]}, [{"accepted_values": {"arguments": {"values": ["a"]}}}]),
    (IN_SET, {**X, "value_set": [1, 2]}, [{"accepted_values": {"arguments": {"values": [1, 2], "quote": False}}}]),
    (IN_SET, {**X, "value_set": [True, "a'b"]},
     [{"accepted_values": {"arguments": {"values": ["true", "'a''b'"], "quote": False}}}]),
    (BETWEEN, {**X, "min_value": 1, "strict_min": False}, [{"accepted_range": {"min_value": 1}}]),
    ("expect_column_to_exist", {**X, "column_index": 0}, [{"columns": {"columns": ["x"], "position": 1}}]),
    ("expect_table_columns_to_match_set", {"column_set": ["x"], "exact_match": False},
     [{"columns": {"columns": ["x"]}}]),
    ("expect_table_columns_to_match_set", {"column_set": ["x"]}, [{"columns": {"columns": ["x"], "exact": True}}]),
    ("expect_column_values_to_be_of_type", {**X, "type_": "datetime64[ns]"},
     [{"of_type": {"types": ["timestamp", "timestamptz"]}}]),
    ("expect_column_quantile_values_to_be_between",
     {**X, "quantile_ranges": {"quantiles": [0.1, 0.5, 0.9], "value_ranges": [[1, None], [2, 3], [None, None]]}},
     [{"aggregate_range": {"aggregate": "quantile", "interpolate": False, "quantile": 0.1, "min_value": 1}},
      {"aggregate_range": {"aggregate": "quantile", "interpolate": False, "quantile": 0.5, "min_value": 2,
                           "max_value": 3}}]),
    ("expect_multicolumn_values_to_be_equal", {"column_list": ["a", "b"], "ignore_row_if": "any_value_is_missing"},
     [{"expression_is_true": {"expression": '"a" is null or "b" is null or ("a" is not distinct from "b")'}}]),
    ("expect_table_row_count_to_equal_other_table", {"other_table_name": "people"},
     [{"equal_rowcount": {"to": "ref('people')"}}]),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "select 1 from {batch}"},
     [{"sql": {"query": "select 1 from {table}"}}]),
]  # fmt: skip
LEFT: list[tuple[str, dict[str, Any], str]] = [
    (BETWEEN, X, "no bound"),
    (BETWEEN, {**X, "min_value": {"$PARAMETER": "low"}}, "parameter"),
    (BETWEEN, {**X, "min_value": 1, "allow_cross_type_comparisons": True}, "allow_cross_type_comparisons"),
    (BETWEEN, {**X, "min_value": 1, "row_condition": "len(x) > 1", "condition_parser": "pandas"}, "row_condition"),
    (IN_SET, {**X, "value_set": []}, "empty"),
    ("expect_table_row_count_to_equal_other_table", {"other_table_name": "nobody"}, "no model `nobody`"),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "select 1 from orders"}, "{batch}"),
    ("expect_column_values_to_be_odd", X, "core"),
    ("expect_column_values_to_match_like_pattern", {**X, "like_pattern": "a", "escape": "!"}, "escape"),
    ("expect_column_values_to_match_regex", {**X, "regex": "^[{%]?x"}, "Jinja"),
    (IN_SET, {**X, "value_set": ["a", "{{ b }}"]}, "Jinja"),
]
CONDITIONS: list[tuple[Any, str, str]] = [
    ('col("a b") >= -1.5', "great_expectations", '"a b" >= -1.5'),
    ('col("x").notNull()', "great_expectations", '"x" is not null'),
    ('col("d") > date("2026-01-01")', "great_expectations", "\"d\" > '2026-01-01'"),
    ('col("x") != "it\'s"', "great_expectations", "\"x\" <> 'it''s'"),
    ("`a b` == 1 & (c < 2 | d.isnull())", "pandas", '"a b" = 1 and ("c" < 2 or "d" is null)'),
    ("a is not null and b like 'x%'", "spark", "\"a\" is not null and \"b\" like 'x%'"),
    ({"type": "and", "conditions": [
        {"type": "comparison", "column": {"name": "x"}, "operator": "IN", "parameter": ["a", 1]},
        {"type": "nullity", "column": {"name": "y"}, "is_null": False}]}, "",
     "(\"x\" in ('a', 1) and \"y\" is not null)"),
]  # fmt: skip
STRANGE = [("x > 5; drop table t", ""), ("x.str.len() > 3", "pandas"), ("upper(x) = 'A'", "spark"),
           ("x != 1", "pandas"), ({"type": "other", "column": "x"}, "")]  # fmt: skip


def expectation(name: str, arguments: Mapping[str, Any], **more: Any) -> Expectation:
    return Expectation(name, "suite.json", 1, arguments, **more)


def test_every_expectation_of_the_core_is_settled() -> None:
    assert {*RULES, *REASONS} == {*CORE}


@pytest.mark.parametrize(("name", "given", "wanted"), SAID, ids=lambda each: str(each)[:50])
def test_an_expectation_is_written_as_checks(name: str, given: dict[str, Any], wanted: list[Any]) -> None:
    parser = "great_expectations" if "row_condition" in given else ""
    found = checks_of(expectation(name, given, parser=parser), {"people"})
    assert [each.entry(is_flat=False) for each in found] == wanted
    for each in found:
        refs = (str(each.arguments.get("to")),)
        check = Check("", "", each.name, "", Place(""), (), column=each.column, arguments=each.arguments, refs=refs)
        arguments_of(check)  # which raises where the kind does not take them


@pytest.mark.parametrize(("name", "given", "why"), LEFT, ids=lambda each: str(each)[:50])
def test_what_has_no_check_is_told_with_the_reason(name: str, given: dict[str, Any], why: str) -> None:
    with pytest.raises(NotImportedError) as told:
        checks_of(expectation(name, given, parser=str(given.get("condition_parser", ""))), {"people"})
    assert why in str(told.value)


@pytest.mark.parametrize(("condition", "parser", "sql"), CONDITIONS, ids=str)
def test_a_row_condition_is_put_into_sql(condition: Any, parser: str, sql: str) -> None:
    assert condition_sql(condition, parser) == sql


@pytest.mark.parametrize(("condition", "parser"), STRANGE, ids=str)
def test_a_condition_that_is_no_comparison_is_refused(condition: Any, parser: str) -> None:
    with pytest.raises(UnknownConditionError):
        condition_sql(condition, parser)


def test_severity_and_notes_stay() -> None:
    (check,) = checks_of(
        expectation(BETWEEN, {**X, "min_value": 1}, severity="warning", meta={"notes": "agreed"}), set()
    )  # fmt: skip
    assert check.settings == {"severity": "warn", "meta": {"notes": "agreed"}}


def test_suites_of_a_folder_are_read_in_both_forms(tmp_path: Path) -> None:
    """Checkpoints beside them are none."""
    old = {"expectation_type": "expect_column_to_exist", "kwargs": {"column": "x", "result_format": "BASIC"}}
    new = {"type": "expect_column_to_exist", "kwargs": {"column": "y", "mostly": None}, "notes": "so"}
    store = tmp_path / "gx" / "expectations"
    (store / "deep").mkdir(parents=True)
    (store / "a.json").write_text(json.dumps({"expectation_suite_name": "a", "expectations": [old]}))
    (store / "deep" / "b.json").write_text(json.dumps({"name": "b", "expectations": [new]}))
    (tmp_path / "gx" / "checkpoints").mkdir()
    (tmp_path / "gx" / "checkpoints" / "c.json").write_text(json.dumps({"expectations": [old]}))
    found = read_suites(tmp_path)
    assert [(each.arguments, each.meta) for each in found] == [
        ({"column": "x"}, {}),
        ({"column": "y"}, {"notes": "so"}),
    ]
    with pytest.raises(UsageError, match="no expectations"):
        read_suites(_empty(tmp_path))
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        (tmp_path / "no.json").write_text("{")
        read_suites(tmp_path / "no.json")


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def test_a_suite_is_written_into_the_models_yaml_and_stops_a_release(released: Any) -> None:
    """Once: what is a check already is left out the next time."""
    suite = {"name": "s", "expectations": [
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "max_value": 10}},
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}, "meta": {"by": "Ana"}},
        {"type": "expect_column_values_to_be_increasing", "kwargs": {"column": "amount"}},
    ]}  # fmt: skip
    released.write("suite.json", json.dumps(suite))
    model = "stg_orders"
    shown = released.dryland("check", "import", "suite.json", "--model", model).out
    assert "2 of 3 expectations become 2 checks; 0 are checks already" in shown and "a table has no order" in shown
    told = json.loads(released.dryland("check", "import", "suite.json", "--model", model, "--write", "--json").out)
    assert [each["number"] for each in told["not_imported"]] == [3] and told["written"]
    again = json.loads(released.dryland("check", "import", "suite.json", "--model", model, "--json").out)
    assert (again["checks"], [each["number"] for each in again["already"]]) == ([], [1, 2])
    assert "amount that is not at most 10" in released.dryland("apply", "--yes", code=1).out
