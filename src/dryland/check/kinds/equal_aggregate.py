"""Checks that an aggregate is the same as in another table, or in other rows of it; failures are groups, or one.

`expression: sum(amount)`; at a column it is the number of its different values. The other table is asked the same under
the same `row_condition`, unless `to_expression`, `to_condition` or `to_group_by` tell something else.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import columns, number, sql, text, their_column
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Work out both; a group that only one has counts as zero in the other.

    `tolerance` is how far they may be apart, `tolerance_percent` the share of this table's by which they may.
    """
    given = asked.arguments
    groups, theirs = given.get("group_by") or [], given.get("to_group_by") or given.get("group_by") or []
    to = asked.others.get(given.get("to", ""), asked.table)
    keys = [f"group {place}" for place in range(1, len(groups) + 1)]
    mine = _aggregate(asked.table, groups, keys, _expression(asked), asked.conditions).subquery("mine")
    condition = given.get("to_condition") or given.get("row_condition")
    conditions = [asked.condition(condition, "to_condition")] if condition else []
    other = _aggregate(to, theirs, keys, _their_expression(asked), conditions).subquery("other")
    query = exp.select(*_shown(keys)).from_(mine)
    same = [exp.NullSafeEQ(this=_of("mine", key), expression=_of("other", key)) for key in keys]
    query = query.join(other, on=exp.and_(*same) if same else exp.true(), join_type="full")
    says = f"it is not the same as in {asked.named('to')}"
    return query_fails(query.where(_wrong(asked)), (says, f"of {{n}} groups {says}"))


def _aggregate(
    table: exp.Table, groups: list[str], keys: list[str], value: exp.Expr, conditions: list[exp.Expr]
) -> exp.Select:  # fmt: skip
    columns = [exp.column(name, quoted=True) for name in groups]
    named = [each.copy().as_(key, quoted=True) for each, key in zip(columns, keys, strict=True)]
    return exp.select(*named, value.as_("value")).from_(table.copy()).where(*conditions).group_by(*columns)


def _expression(asked: Asked) -> exp.Expr:
    told = asked.arguments.get("expression")
    return asked.condition(told, "expression") if told else _distinct(asked.column)


def _their_expression(asked: Asked) -> exp.Expr:
    given = asked.arguments
    told = given.get("to_expression")
    column = given.get("to_column")
    found = asked.condition(told, "to_expression") if told else _distinct(column) if column else _expression(asked)
    return exp.Mul(this=found, expression=exp.convert(given["factor"])) if "factor" in given else found


def _distinct(column: str) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[exp.column(column, quoted=True)]))


def _of(side: str, name: str) -> exp.Column:
    return exp.column(name, table=side, quoted=True)


def _shown(keys: list[str]) -> list[exp.Expr]:
    groups = [exp.func("coalesce", _of("mine", key), _of("other", key)).as_(key, quoted=True) for key in keys]
    return [*groups, _of("mine", "value").as_("value"), _of("other", "value").as_("in the other", quoted=True)]


def _wrong(asked: Asked) -> exp.Expr:
    sides = [exp.func("coalesce", _of(side, "value"), exp.convert(0)) for side in ("mine", "other")]
    apart = exp.Abs(this=exp.Sub(this=sides[0], expression=sides[1]))
    part = asked.arguments.get("tolerance_percent")
    if not part:
        return exp.GT(this=apart, expression=exp.convert(asked.arguments.get("tolerance", 0)))
    whole = exp.Nullif(this=exp.cast(exp.Abs(this=_of("mine", "value")), "double"), expression=exp.convert(0))
    beyond = exp.GT(this=exp.Div(this=apart, expression=whole), expression=exp.convert(part))
    of_nothing = exp.GT(this=apart.copy(), expression=exp.convert(0))  # any difference is more than a share of it
    return exp.Coalesce(this=beyond, expressions=[of_nothing])


THEIRS = {
    "compare_model": "to", "compare_expression": "to_expression", "compare_group_by": "to_group_by",
    "compare_row_condition": "to_condition", "compare_column_name": "to_column", "other_table_name": "to",
}  # fmt: skip
ROWS = Alias(THEIRS, {"expression": "count(*)"})
KIND = Kind(
    "equal_aggregate", term, about="either", needs=("expression|column",),
    takes={
        "expression": sql, "to": text, "to_expression": sql, "to_column": their_column, "to_group_by": columns,
        "to_condition": sql, "factor": number, "tolerance": number, "tolerance_percent": number,
    },
    also={
        "equal_expression": Alias(THEIRS),
        "expect_table_aggregation_to_equal_other_table": Alias(THEIRS),
        "expect_table_row_count_to_equal_other_table": ROWS,
        "expect_table_row_count_to_equal_other_table_times_factor": ROWS,
        "expect_column_distinct_count_to_equal_other_table": Alias(THEIRS),
    },
)  # fmt: skip
