"""Checks that several columns of each row add up to a number or to another column; failures are rows."""

from __future__ import annotations

from functools import reduce
from typing import Any

from sqlglot import exp

from dryland.check.bounds import limit
from dryland.check.forms import rows_fail, whole_fails
from dryland.check.ignored_rows import IGNORE_ROW_IF, asked_rows
from dryland.check.kinds.arguments import bound, columns, number, one_of, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows in which the sum is another, by more than `tolerance`; a null adds nothing.

    `of: table` compares the sums of all rows; where none of the columns has a value there is nothing to compare.
    """
    if asked.arguments.get("of") == "table":
        return _of_table(asked)
    names = asked.arguments["columns"]
    parts = [exp.func("coalesce", exp.column(name, quoted=True), exp.Literal.number(0)) for name in names]
    total: Any = parts[0]
    for part in parts[1:]:
        total = exp.Add(this=total, expression=part)
    aim = limit(asked.arguments["total"], "total", asked)
    apart = exp.Abs(this=exp.Sub(this=exp.paren(total), expression=exp.paren(aim)))
    differs = exp.GT(this=apart, expression=exp.convert(asked.arguments.get("tolerance", 0)))
    wrong = exp.and_(differs, *asked_rows(asked, names))
    says = f"{' + '.join(names)} is not {asked.arguments['total']}"
    return rows_fail(asked, wrong, (f"in 1 row {says}", f"in {{n}} rows {says}"), is_of_value=False)


def _of_table(asked: Asked) -> Term:
    names, aim = asked.arguments["columns"], asked.arguments["total"]
    sums: list[Any] = [exp.Sum(this=exp.column(name, quoted=True)) for name in names]
    expected = limit(aim, "total", asked)
    expected = exp.Sum(this=expected) if isinstance(aim, str) else expected
    parts: list[Any] = [exp.func("coalesce", each.copy(), exp.Literal.number(0)) for each in sums]
    found = reduce(lambda left, right: exp.Add(this=left, expression=right), parts)
    apart = exp.Abs(this=exp.Sub(this=exp.paren(found), expression=exp.paren(expected)))
    has_values = exp.func("coalesce", *sums).is_(exp.null()).not_()
    wrong = exp.and_(has_values, exp.GT(this=apart, expression=exp.convert(asked.arguments.get("tolerance", 0))))
    return whole_fails(asked, wrong, f"in sum {' + '.join(names)} is not {aim}", {"sum": found, "expected": expected})


THEIRS = {"column_list": "columns", "sum_total": "total"}
KIND = Kind(
    "columns_sum_to", term, about="table",
    takes={"columns": columns, "total": bound, "tolerance": number, "mostly": share, "of": one_of("rows", "table"),
           "ignore_row_if": IGNORE_ROW_IF},
    needs=("columns", "total"),
    also={"expect_multicolumn_sum_to_equal": Alias(THEIRS, {"of": "table"})},
)  # fmt: skip
