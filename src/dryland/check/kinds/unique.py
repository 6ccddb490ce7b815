"""Checks that no value is there twice, or no combination of values of several columns.

Failures are the values, or combinations, that occur more than once. Of one column nulls are no values; in a
combination they are, as dbt_utils has it. NaN is a value, and equals NaN.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import may_fail, query_fails
from dryland.check.ignored_rows import IGNORE_ROW_IF, asked_rows
from dryland.check.kinds.arguments import columns, flag, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Group by the columns."""
    names = asked.arguments.get("columns") or [asked.column]
    if asked.arguments.get("mostly") is not None:
        return _rows(asked, names)
    what = "value" if len(names) == 1 else "combination"
    of, times = ", ".join(names), asked.free_name("times")
    says = (f"1 {what} of {of} occurs more than once", f"{{n}} {what}s of {of} occur more than once")
    if len(names) > 1:
        return query_fails(_repeated(asked, names, [*names, times]), says)
    found = query_fails(
        _repeated(asked, names, [*names, times]), says,
        failing=_repeated(asked, names, ["unique_field", "n_records"]),
    )  # fmt: skip
    return found if asked.conditions else found.of_key(exp.column(names[0], quoted=True))


def _rows(asked: Asked, names: list[str]) -> Term:
    """Every row of what is there more than once, when these are more than a share of the rows allows."""
    keys = [exp.column(name, quoted=True) for name in names]
    times = asked.free_name("times")
    repeated = exp.GT(this=exp.column(times, quoted=True), expression=exp.Literal.number(1))
    each = exp.Window(this=exp.Count(this=exp.Star()), partition_by=keys).as_(times, quoted=True)
    rows = exp.select("*", each).from_(asked.table.copy()).where(*_present(asked, names), *asked.conditions)
    bad = exp.Window(this=exp.CountIf(this=repeated.copy()))
    most = exp.Mul(this=exp.Window(this=exp.Count(this=exp.Star())), expression=may_fail(asked.arguments["mostly"]))
    too_many = asked.free_name("too_many")
    judged = exp.select("*", exp.GT(this=bad, expression=most).as_(too_many, quoted=True)).from_(rows.subquery("rows"))
    query = exp.select("*").from_(judged.subquery("judged")).where(repeated, exp.column(too_many, quoted=True))
    says = f"values of {', '.join(names)} that occur more than once"
    return query_fails(query, (f"1 row has {says}", f"{{n}} rows have {says}"))


def _present(asked: Asked, names: list[str]) -> list[exp.Expr]:
    if len(names) == 1:
        return [exp.column(names[0], quoted=True).is_(exp.null()).not_()]
    return asked_rows(asked, names)


def _repeated(asked: Asked, names: list[str], called: list[str]) -> exp.Select:
    keys = [exp.column(name, quoted=True) for name in names]
    count = exp.Count(this=exp.Star())
    given = [each.copy().as_(name, quoted=True) for each, name in zip((*keys, count), called, strict=True)]
    present = _present(asked, names)
    return (
        exp.select(*given)
        .from_(asked.table.copy())
        .where(*present, *asked.conditions)
        .group_by(*(key.copy() for key in keys))
        .having(exp.GT(this=count.copy(), expression=exp.Literal.number(1)))
    )


KIND = Kind(
    "unique", term, about="either", needs=("column|columns",),
    takes={"columns": columns, "mostly": share, "ignore_row_if": IGNORE_ROW_IF, "quote_columns": flag},
    is_grouped=False,
    also={
        "unique_combination_of_columns": Alias({"combination_of_columns": "columns"}),
        "expect_column_values_to_be_unique": Alias(),
        "expect_compound_columns_to_be_unique": Alias(
            {"column_list": "columns"}, {"ignore_row_if": "all_values_are_missing"}
        ),
    },
)  # fmt: skip
