"""Checks how two columns compare in each row: which is larger, whether they are equal, which pairs there may be.

NaN equals NaN, and is neither larger nor smaller than anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.ignored_rows import IGNORE_ROW_IF, asked_rows
from dryland.check.kinds.arguments import column, flag, one_of, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.no_number import or_nan
from dryland.check.term import Asked, Term

OPERATORS: Mapping[str, type[exp.Binary]] = {
    "=": exp.EQ, "!=": exp.NEQ, ">": exp.GT, ">=": exp.GTE, "<": exp.LT, "<=": exp.LTE,
}  # fmt: skip


def term(asked: Asked) -> Term:
    """Count the rows in which they compare otherwise; a null compares with nothing, and is wrong with `nulls_fail`."""
    names = asked.arguments["column_a"], asked.arguments["column_b"]
    first, second = (exp.column(name, quoted=True) for name in names)
    if pairs := asked.arguments.get("pairs"):
        each = [_is_pair(asked, first, second, pair) for pair in pairs]
        says = f"a pair of {names[0]} and {names[1]} that is not in the list"
        wrong: exp.Expr = exp.and_(exp.paren(exp.or_(*each)).not_(), *asked_rows(asked, names))
        return rows_fail(asked, wrong, (f"1 row has {says}", f"{{n}} rows have {says}"), is_of_value=False)
    operator = asked.arguments["operator"] + ("=" if asked.arguments.get("or_equal") else "")
    sides = [asked.in_order(each, name) for each, name in zip((first, second), names, strict=True)]
    wrong = exp.not_(OPERATORS[operator](this=sides[0], expression=sides[1]))
    if operator not in ("=", "!="):
        wrong = or_nan(asked, wrong, *names)
    if asked.arguments.get("nulls_fail"):
        wrong = exp.paren(exp.or_(wrong, first.is_(exp.null()), second.is_(exp.null())))
    wrong = exp.and_(wrong, *asked_rows(asked, names))
    says = f"{names[0]} {operator} {names[1]}"
    return rows_fail(asked, wrong, (f"in 1 row not {says}", f"in {{n}} rows not {says}"), is_of_value=False)


def _is_pair(asked: Asked, first: exp.Expr, second: exp.Expr, pair: list[Any]) -> exp.Expr:
    """That both are those of a pair; with `quote: false` a pair holds expressions."""
    is_value = asked.arguments.get("quote", True)
    values = [exp.convert(each) if is_value else asked.condition(str(each), "pairs") for each in pair]
    same = (exp.EQ(this=each.copy(), expression=value) for each, value in zip((first, second), values, strict=True))
    return exp.paren(exp.and_(*same))


def _pairs(value: Any) -> list[list[Any]]:
    if not isinstance(value, list) or not value or any(not isinstance(each, list) or len(each) != 2 for each in value):
        raise ValueError("a list of pairs, such as [[DE, EUR], [CH, CHF]]")
    return value


THEIRS = {"column_A": "column_a", "column_B": "column_b", "value_pairs_set": "pairs"}
KIND = Kind(
    "compare_columns", term, about="table",
    takes={
        "column_a": column, "column_b": column, "operator": one_of(*OPERATORS), "pairs": _pairs, "mostly": share,
        "or_equal": flag, "quote": flag, "nulls_fail": flag, "ignore_row_if": IGNORE_ROW_IF,
    },
    needs=("column_a", "column_b", "operator|pairs"),
    also={
        "expect_column_pair_values_to_be_equal": Alias(THEIRS, {"operator": "="}),
        "expect_column_pair_values_A_to_be_greater_than_B": Alias(THEIRS, {"operator": ">"}),
        "expect_column_pair_values_a_to_be_greater_than_b": Alias(THEIRS, {"operator": ">"}),
        "expect_column_pair_values_to_be_in_set": Alias(THEIRS, {"quote": False}),
    },
)  # fmt: skip
