"""Lists the kinds of check."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from dryland.check.kinds import (
    accepted_range,
    accepted_values,
    aggregate_range,
    cardinality_equality,
    category_shares,
    column_count,
    columns,
    columns_sum_to,
    compare_columns,
    consistent_casing,
    distinct_values,
    drift,
    equal_aggregate,
    equal_rowcount,
    equality,
    expression_is_true,
    expression_range,
    fewer_rows_than,
    freshness,
    like,
    monotonic,
    most_common_value,
    mutually_exclusive_ranges,
    no_gaps,
    not_accepted_values,
    not_constant,
    not_empty_string,
    not_null,
    null,
    of_type,
    outliers,
    regex,
    relationships,
    row_count,
    sequential_values,
    sql,
    text_format,
    unique,
    unique_within_row,
    usual_period,
    value_length,
    volume,
)
from dryland.check.kinds.kind import Alias, Kind
from dryland.project.nodes import Check

KINDS: Mapping[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (
        not_null,
        null,
        unique,
        unique_within_row,
        accepted_values,
        not_accepted_values,
        distinct_values,
        most_common_value,
        category_shares,
        accepted_range,
        value_length,
        not_empty_string,
        regex,
        like,
        text_format,
        consistent_casing,
        of_type,
        aggregate_range,
        not_constant,
        outliers,
        row_count,
        columns,
        column_count,
        expression_is_true,
        expression_range,
        compare_columns,
        columns_sum_to,
        monotonic,
        sequential_values,
        no_gaps,
        mutually_exclusive_ranges,
        freshness,
        usual_period,
        volume,
        drift,
        relationships,
        cardinality_equality,
        equal_rowcount,
        equal_aggregate,
        fewer_rows_than,
        equality,
        sql,
    )
}

PREFIXES = ("dbt.", "dbt_utils.", "dbt_expectations.")  # packages whose names of tests these kinds know


@cache
def find(name: str) -> tuple[Kind, Alias] | None:
    """The kind of a name, its own or another tool's; None when there is none."""
    bare = next((name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)), name)
    if bare in KINDS:
        return KINDS[bare], KINDS[bare].also.get(bare, Alias())
    return next(((kind, kind.also[bare]) for kind in KINDS.values() if bare in kind.also), None)


def kind_of(check: Check) -> Kind | None:
    """The kind that answers a check; None for a query of the project's own or a macro's."""
    found = find(check.kind) if check.rendered is None else None
    return found[0] if found else None


def is_fused(check: Check) -> bool:
    """Whether a check is answered by the scan of its table; a project's own macro of that name is not."""
    return kind_of(check) is not None and check.fail_calc == "count(*)"
