"""Generic tests of dbt_utils and dbt_expectations are checks by the names and arguments that they have there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from checking import Shop, changed, made, node_id, open_shop

from dryland.check.given import arguments_of
from dryland.check.kinds.catalogue import find
from dryland.project.nodes import Check

UTILS = """
accepted_range at_least_one cardinality_equality equal_rowcount equality expression_is_true fewer_rows_than
mutually_exclusive_ranges not_accepted_values not_constant not_empty_string not_null_proportion recency
relationships_where sequential_values unique_combination_of_columns
""".split()
EXPECTATIONS = """
expression_is_true expression_between equal_expression expect_column_distinct_count_to_be_greater_than
expect_column_distinct_count_to_be_less_than expect_column_distinct_count_to_equal
expect_column_distinct_count_to_equal_other_table expect_column_distinct_values_to_be_in_set
expect_column_distinct_values_to_contain_set expect_column_distinct_values_to_equal_set expect_column_max_to_be_between
expect_column_mean_to_be_between expect_column_median_to_be_between expect_column_min_to_be_between
expect_column_most_common_value_to_be_in_set expect_column_proportion_of_unique_values_to_be_between
expect_column_quantile_values_to_be_between expect_column_stdev_to_be_between expect_column_sum_to_be_between
expect_column_unique_value_count_to_be_between expect_column_values_to_be_between expect_column_values_to_be_decreasing
expect_column_values_to_be_in_set expect_column_values_to_be_in_type_list expect_column_values_to_be_increasing
expect_column_values_to_be_null expect_column_values_to_be_of_type expect_column_values_to_be_unique
expect_column_values_to_have_consistent_casing expect_column_values_to_not_be_in_set expect_column_values_to_not_be_null
expect_column_values_to_be_within_n_stdevs expect_row_values_to_have_data_for_every_n_datepart
expect_column_pair_values_A_to_be_greater_than_B expect_column_pair_values_to_be_equal
expect_column_pair_values_to_be_in_set expect_compound_columns_to_be_unique expect_multicolumn_sum_to_equal
expect_select_column_values_to_be_unique_within_record expect_column_value_lengths_to_be_between
expect_column_value_lengths_to_equal expect_column_values_to_match_like_pattern
expect_column_values_to_match_like_pattern_list expect_column_values_to_match_regex
expect_column_values_to_match_regex_list expect_column_values_to_not_match_like_pattern
expect_column_values_to_not_match_like_pattern_list expect_column_values_to_not_match_regex
expect_column_values_to_not_match_regex_list expect_column_to_exist expect_grouped_row_values_to_have_recent_data
expect_row_values_to_have_recent_data expect_table_aggregation_to_equal_other_table
expect_table_column_count_to_be_between expect_table_column_count_to_equal
expect_table_column_count_to_equal_other_table expect_table_columns_to_contain_set
expect_table_columns_to_match_ordered_list expect_table_columns_to_match_set expect_table_columns_to_not_contain_set
expect_table_row_count_to_be_between expect_table_row_count_to_equal expect_table_row_count_to_equal_other_table
expect_table_row_count_to_equal_other_table_times_factor
""".split()
ROWS = """
select * from (values
    (1, 'DE', 'a', 1), (2, 'DE', null, 1), (3, 'ch', 'c', 1), (3, null, 'C', 2)
) as payments (id, country, word, one)
"""
PEOPLE = "select * from (values (1, 'DE'), (2, 'DE'), (7, 'CH')) as people (id, country)"
SET = {"value_set": ["DE", "ch"]}
LISTED = {"like_pattern_list": ["D%", "%E"]}
# What a macro of that name says of these rows: test, column, arguments -> failures
SAID: list[tuple[str, str, dict[str, Any], int]] = [
    ("dbt_expectations.expect_column_values_to_be_in_set", "country", SET, 1),
    ("expect_column_values_to_be_in_set", "country", {"value_set": ["DE"]}, 2),
    ("expect_column_distinct_values_to_be_in_set", "country", SET, 1),
    ("expect_column_distinct_values_to_equal_set", "country", SET, 1),
    ("expect_column_distinct_values_to_contain_set", "country", SET, 0),
    ("expect_column_values_to_not_be_in_set", "country", {"value_set": ["DE"]}, 2),
    ("dbt_utils.not_accepted_values", "country", {"values": ["DE"]}, 1),
    ("dbt_utils.not_constant", "one", {"group_by_columns": ["one"]}, 2),
    ("dbt_utils.not_null_proportion", "word", {"at_least": 0.5, "at_most": 0.7}, 1),
    ("dbt_utils.equal_rowcount", "", {"compare_model": "people"}, 1),
    ("dbt_utils.equality", "", {"compare_model": "people", "compare_columns": ["id"]}, 2),
    ("expect_column_values_to_be_increasing", "id", {}, 1),
    ("expect_column_values_to_be_increasing", "id", {"strictly": False}, 0),
    ("expect_column_values_to_be_within_n_stdevs", "id", {"sigma_threshold": 0}, 0),
    ("expect_column_values_to_have_consistent_casing", "word", {}, 2),
    ("expect_column_values_to_have_consistent_casing", "word", {"display_inconsistent_columns": True}, 1),
    ("expect_column_pair_values_to_be_in_set", "",
     {"column_A": "country", "column_B": "one", "value_pairs_set": [["'DE'", 1]]}, 2),
    ("expect_multicolumn_sum_to_equal", "", {"column_list": ["id", "one"], "sum_total": 14}, 0),
    ("expect_select_column_values_to_be_unique_within_record", "", {"column_list": ["country", "word"]}, 2),
    ("expect_compound_columns_to_be_unique", "", {"column_list": ["one", "country"]}, 1),
    ("expect_column_values_to_not_match_like_pattern_list", "country", LISTED, 2),
    ("expect_column_values_to_not_match_like_pattern_list", "country", LISTED | {"match_on": "all"}, 2),
    ("expect_column_values_to_not_match_regex_list", "country", {"regex_list": ["D", "z"]}, 0),
    ("expect_column_values_to_match_regex", "country", {"regex": "^CH|DE$", "flags": "i"}, 0),
    ("expect_column_distinct_count_to_be_greater_than", "country", {"value": 2}, 1),
    ("expect_column_distinct_count_to_equal_other_table", "id", {"compare_model": "people"}, 0),
    ("expect_table_row_count_to_equal_other_table_times_factor", "", {"compare_model": "people", "factor": 2}, 1),
    ("expect_table_columns_to_not_contain_set", "", {"column_list": ["ID"], "transform": "upper"}, 1),
    ("dbt_expectations.expression_is_true", "", {"expression": "max(id)", "test_condition": "> 3"}, 1),
    ("expression_between", "", {"expression": "count(*)", "min_value": 4, "group_by_columns": ["one"]}, 2),
]  # fmt: skip


@pytest.mark.parametrize("name", [*(f"dbt_utils.{each}" for each in UTILS),
                                  *(f"dbt_expectations.{each}" for each in EXPECTATIONS)])  # fmt: skip
def test_a_name_is_known_with_and_without_its_package(name: str) -> None:
    assert find(name) is not None and find(name) == find(name.partition(".")[2])


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        shop.table(ROWS)
        shop.table(PEOPLE, "people")
        yield shop


@pytest.mark.parametrize(("kind", "column", "given", "failures"), SAID, ids=lambda each: str(each)[:60])
def test_a_check_says_what_the_macro_says(
    shop: Shop, kind: str, column: str, given: dict[str, Any], failures: int
) -> None:  # fmt: skip
    verdict = shop.verdict(_made(kind, column, given))
    assert (verdict.status, verdict.failures) == ("fail" if failures else "pass", failures), verdict.message


def _made(kind: str, column: str, given: dict[str, Any]) -> Check:
    """As `ref('people')` is read in YAML."""
    if "compare_model" not in given:
        return made(kind, column, name="named", arguments=given)
    found = made(kind, column, name="named", arguments={**given, "to": given["compare_model"]})
    other = node_id(given["compare_model"])
    rest = {name: value for name, value in found.arguments.items() if name not in ("to", "to_name")}
    check = changed(found, arguments={**rest, "compare_model": other, "compare_model_name": "ref('people')"})
    assert arguments_of(check)["to"] == other
    return check
