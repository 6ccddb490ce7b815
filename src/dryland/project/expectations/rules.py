"""Lists as which check each expectation is written, and why some are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dryland.project.expectations.condition import name_sql, value_sql
from dryland.project.expectations.types import sql_types
from dryland.values import dataclass

BOUNDS = {"min_value": "min_value", "max_value": "max_value", "strict_min": "strict_min", "strict_max": "strict_max"}


class NotImportedError(Exception):
    """Why an expectation does not become a check."""


@dataclass(frozen=True, slots=True)
class Rule:
    """As which check an expectation is written."""

    kind: str
    renamed: Mapping[str, str]  # arguments, by what they are called here; these and no others are taken
    given: Mapping[str, Any] | None = None
    change: Callable[[dict[str, Any]], Sequence[dict[str, Any]]] = lambda given: [given]
    is_of_table: bool = False  # it stands at the table, though it may name a column
    remark: str = ""


def _values(given: dict[str, Any]) -> list[dict[str, Any]]:
    """A list of values; null is in no list. What is no text is written as SQL has it."""
    values = [each for each in given.pop("values", None) or [] if each is not None]
    if not values:
        raise NotImportedError("its list of values is empty.")
    if all(isinstance(each, str) for each in values):
        return [{"values": values, **given}]
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
        return [{"values": values, "quote": False, **given}]
    return [{"values": [value_sql(each) for each in values], "quote": False, **given}]


def _bounded(given: dict[str, Any]) -> list[dict[str, Any]]:
    if "min_value" not in given and "max_value" not in given:
        raise NotImportedError("it has no bound, and asks for nothing.")
    return [given]


def _quantiles(given: dict[str, Any]) -> list[dict[str, Any]]:
    ranges = given.pop("ranges")
    pairs = zip(ranges["quantiles"], ranges["value_ranges"], strict=True)
    words = ("min_value", "max_value")
    bounded = ((at, dict(zip(words, limits, strict=True))) for at, limits in pairs)
    known = ((at, {word: bound for word, bound in bounds.items() if bound is not None}) for at, bounds in bounded)
    return [{"quantile": at, **bounds, **given} for at, bounds in known if bounds]


def _exists(given: dict[str, Any]) -> list[dict[str, Any]]:
    place = given.pop("index", None)
    return [{"columns": [given["column"]], **({"position": place + 1} if place is not None else {})}]


def _columns(given: dict[str, Any]) -> list[dict[str, Any]]:
    if not given.get("columns"):
        raise NotImportedError("its list of columns is empty.")
    return [given]


def _column_set(given: dict[str, Any]) -> list[dict[str, Any]]:
    is_exact = given.pop("exact", True)
    return [{**each, **({"exact": True} if is_exact else {})} for each in _columns(given)]


def _ties(given: dict[str, Any]) -> list[dict[str, Any]]:
    ties = given.pop("ties_okay", False)
    return [{**_values(given)[0], **({} if ties else {"ties_okay": False})}]


def _rows(given: dict[str, Any]) -> list[dict[str, Any]]:
    query = str(given["query"])
    if "{batch}" not in query:
        raise NotImportedError("its query does not read {batch}: write a singular test, which can name any table.")
    return [{"query": query.replace("{batch}", "{table}")}]


def _other_table(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**given, "to": f"ref('{given['to']}')"}]


def _one_sided(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [given if given.pop("double_sided", False) else {**given, "double_sided": False}]


def _all_equal(given: dict[str, Any]) -> list[dict[str, Any]]:
    first, *others = (name_sql(name) for name in given.pop("columns"))
    names = [first, *others]
    same = " and ".join(f"{first} is not distinct from {each}" for each in others)
    if given.pop("ignore_row_if", "") == "any_value_is_missing":
        same = " or ".join([*(f"{each} is null" for each in names), f"({same})"])
    return [{"expression": same, **given}]


def _types(given: dict[str, Any]) -> list[dict[str, Any]]:
    told = given.pop("types")
    return [{"types": sql_types([told] if isinstance(told, str) else told)}]


def _pairs(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**given, "pairs": [list(each) for each in given["pairs"]]}]


def _aggregate(name: str) -> Rule:
    return Rule("aggregate_range", BOUNDS, {"aggregate": name}, _bounded)


PAIR = {"column_A": "column_a", "column_B": "column_b", "ignore_row_if": "ignore_row_if"}
LIST = {"column_list": "columns", "ignore_row_if": "ignore_row_if"}
IGNORED = {"ignore_row_if": "all_values_are_missing"}
WITH_NULLS = {"nulls_are_values": True} | IGNORED
SET = {"value_set": "values"}
NAMED = {"column_list": "columns", "column_set": "columns", "exact_match": "exact"}
LIKE = {"like_pattern": "pattern", "like_pattern_list": "pattern", "match_on": "match_on"}
REGEX = {"regex": "regex", "regex_list": "regex", "match_on": "match_on"}
TYPE = {"type_": "types", "type_list": "types"}
FORMS = "ISO 8601 alone is a date or time here; Great Expectations reads much else as one."

RULES: Mapping[str, Rule] = {
    "expect_column_to_exist": Rule("columns", {"column": "column", "column_index": "index"}, None, _exists, True),
    "expect_table_columns_to_match_set": Rule("columns", NAMED, None, _column_set, True),
    "expect_table_columns_to_match_ordered_list": Rule("columns", NAMED, {"ordered": True}, _columns, True),
    "expect_table_column_count_to_equal": Rule("column_count", {"value": "equals"}),
    "expect_table_column_count_to_be_between": Rule("column_count", BOUNDS, None, _bounded),
    "expect_table_row_count_to_equal": Rule("row_count", {"value": "equals"}),
    "expect_table_row_count_to_be_between": Rule("row_count", BOUNDS, None, _bounded),
    "expect_table_row_count_to_equal_other_table": Rule(
        "equal_rowcount", {"other_table_name": "to"}, None, _other_table
    ),
    "expect_column_values_to_not_be_null": Rule("not_null", {}),
    "expect_column_values_to_be_null": Rule("null", {}),
    "expect_column_values_to_be_unique": Rule("unique", {}),
    "expect_compound_columns_to_be_unique": Rule("unique", LIST, IGNORED),
    "expect_select_column_values_to_be_unique_within_record": Rule("unique_within_row", LIST, WITH_NULLS),
    "expect_multicolumn_values_to_be_unique": Rule("unique_within_row", LIST, WITH_NULLS),
    "expect_multicolumn_values_to_be_equal": Rule("expression_is_true", LIST, None, _all_equal),
    "expect_multicolumn_sum_to_equal": Rule("columns_sum_to", LIST | {"sum_total": "total"}),
    "expect_column_values_to_be_of_type": Rule("of_type", TYPE, None, _types),
    "expect_column_type_to_be": Rule("of_type", TYPE, None, _types),
    "expect_column_values_to_be_in_type_list": Rule("of_type", TYPE, None, _types),
    "expect_column_values_to_be_in_set": Rule("accepted_values", SET, None, _values),
    "expect_column_values_to_not_be_in_set": Rule("not_accepted_values", SET, None, _values),
    "expect_column_distinct_values_to_be_in_set": Rule("accepted_values", SET, None, _values),
    "expect_column_distinct_values_to_contain_set": Rule("distinct_values", SET, None, _values),
    "expect_column_distinct_values_to_equal_set": Rule("distinct_values", SET, {"exact": True}, _values),
    "expect_column_most_common_value_to_be_in_set": Rule(
        "most_common_value", SET | {"ties_okay": "ties_okay"}, None, _ties
    ),
    "expect_column_values_to_be_between": Rule("accepted_range", BOUNDS, None, _bounded),
    "expect_column_value_lengths_to_be_between": Rule("value_length", BOUNDS, None, _bounded),
    "expect_column_value_lengths_to_equal": Rule("value_length", {"value": "equals"}),
    "expect_column_values_to_match_regex": Rule("regex", REGEX),
    "expect_column_values_to_match_regex_list": Rule("regex", REGEX),
    "expect_column_values_to_not_match_regex": Rule("regex", REGEX, {"not": True}),
    "expect_column_values_to_not_match_regex_list": Rule("regex", REGEX, {"not": True}),
    "expect_column_values_to_match_like_pattern": Rule("like", LIKE),
    "expect_column_values_to_match_like_pattern_list": Rule("like", LIKE),
    "expect_column_values_to_not_match_like_pattern": Rule("like", LIKE, {"not": True}),
    "expect_column_values_to_not_match_like_pattern_list": Rule("like", LIKE, {"not": True}),
    "expect_column_values_to_match_strftime_format": Rule("format", {"strftime_format": "strftime"}),
    "expect_column_values_to_be_dateutil_parseable": Rule("format", {}, {"format": "timestamp"}, remark=FORMS),
    "expect_column_values_to_be_json_parseable": Rule("format", {}, {"format": "json"}),
    "expect_column_value_z_scores_to_be_less_than": Rule(
        "outliers", {"threshold": "stdevs", "double_sided": "double_sided"}, None, _one_sided
    ),
    "expect_column_min_to_be_between": _aggregate("min"),
    "expect_column_max_to_be_between": _aggregate("max"),
    "expect_column_sum_to_be_between": _aggregate("sum"),
    "expect_column_mean_to_be_between": _aggregate("mean"),
    "expect_column_median_to_be_between": _aggregate("median"),
    "expect_column_stdev_to_be_between": _aggregate("stdev"),
    "expect_column_unique_value_count_to_be_between": _aggregate("distinct_count"),
    "expect_column_proportion_of_unique_values_to_be_between": _aggregate("distinct_share"),
    "expect_column_proportion_of_non_null_values_to_be_between": _aggregate("value_share"),
    "expect_column_quantile_values_to_be_between": Rule(
        "aggregate_range", {"quantile_ranges": "ranges"}, {"aggregate": "quantile", "interpolate": False}, _quantiles
    ),
    "expect_column_pair_values_to_be_equal": Rule(
        "compare_columns", PAIR, {"operator": "=", "nulls_fail": True, "ignore_row_if": "both_values_are_missing"}
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Rule(
        "compare_columns", PAIR | {"or_equal": "or_equal"}, {"operator": ">"}
    ),
    "expect_column_pair_values_to_be_in_set": Rule(
        "compare_columns", PAIR | {"value_pairs_set": "pairs"}, None, _pairs
    ),
    "unexpected_rows_expectation": Rule("sql", {"unexpected_rows_query": "query"}, None, _rows),
}  # fmt: skip
ORDER = "a table has no order of rows: write `monotonic` with the `sort_column` that gives it."
REASONS: Mapping[str, str] = {
    "expect_column_values_to_be_increasing": ORDER,
    "expect_column_values_to_be_decreasing": ORDER,
    "expect_column_values_to_match_json_schema": "no warehouse here knows JSON schemas: `format: json` is near.",
    "expect_column_kl_divergence_to_be_less_than": "no kind measures divergence: `category_shares` is near.",
    "expect_column_values_to_not_be_outliers": "no kind has its fences: `outliers`, in standard deviations, is near.",
    "expect_query_results_to_match_comparison": "it compares two data sources: `dryland diff` does.",
}
