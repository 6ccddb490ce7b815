"""Checks that a column has only values from a list; failures are the distinct values that are not in it.

With `mostly` failures are rows, for a share is one of rows. With `nulls_fail` null is a value that no list has.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import flag, share, values
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count distinct strangers; nulls are no values. With `quote: false` the list holds expressions."""
    strange: exp.Expr = asked.value.isin(*_accepted(asked), copy=False).not_()
    if asked.arguments.get("nulls_fail"):
        strange = exp.paren(exp.or_(strange, asked.value.is_(exp.null())))
    of = asked.column
    if asked.arguments.get("mostly") is not None or asked.arguments.get("group_by"):
        rows = (f"1 row has a {of} that is not in the list", f"{{n}} rows have a {of} that is not in the list")
        return rows_fail(asked, strange, rows)
    strange = exp.and_(strange, *asked.conditions)
    return Term(
        failures=_number(asked, strange),
        sample=_shown(asked, strange, names=(of, asked.free_name("times"))),
        says=(f"1 value of {of} is not in the list", f"{{n}} values of {of} are not in the list"),
        failing=_strangers(asked, strange, names=("value_field", "n_records")),
    )


def _number(asked: Asked, strange: exp.Expr) -> exp.Expr:
    """How many different strangers there are; null may be one of them."""
    distinct = exp.Count(this=exp.Distinct(expressions=[asked.value]))
    found = exp.Filter(this=distinct, expression=exp.Where(this=strange))
    if not asked.arguments.get("nulls_fail"):
        return found
    nulls = exp.CountIf(this=exp.and_(asked.value.is_(exp.null()), *asked.conditions))
    return exp.Add(this=found, expression=exp.Least(this=nulls, expressions=[exp.Literal.number(1)]))


def _strangers(asked: Asked, strange: exp.Expr, *, names: tuple[str, str]) -> exp.Query:
    return (
        exp.select(asked.value.as_(names[0], quoted=True), exp.Count(this=exp.Star()).as_(names[1], quoted=True))
        .from_(asked.table.copy())
        .where(strange.copy())
        .group_by(asked.value)
    )


def _shown(asked: Asked, strange: exp.Expr, *, names: tuple[str, str]) -> exp.Query:
    """The same, compared once for each value instead of each row, where nothing else is compared."""
    columns = {each.name.lower() for each in strange.find_all(exp.Column)}
    if asked.conditions or columns != {asked.column.lower()} or strange.find(exp.Var):
        return _strangers(asked, strange, names=names)
    once = strange.transform(lambda tree: exp.AnyValue(this=tree) if isinstance(tree, exp.Column) else tree)
    shown = (asked.value.as_(names[0], quoted=True), exp.Count(this=exp.Star()).as_(names[1], quoted=True))
    return exp.select(*shown).from_(asked.table.copy()).group_by(asked.value).having(once)


def _accepted(asked: Asked) -> list[exp.Expr]:
    listed = [str(value) for value in asked.arguments["values"]]
    if asked.arguments.get("quote", True):
        return [_text(value) for value in listed]
    return [asked.own_sql(value, "a value") for value in listed]


def _text(value: str) -> exp.Expr:
    """dbt puts a value between quotes as it is, so people write `it''s`; `it's`, which fails there, means the same."""
    doubled = "'" in value and "'" not in value.replace("''", "")
    return exp.Literal.string(value.replace("''", "'") if doubled else value)


def _as_given(value: Any) -> list[Any]:
    """A list, however it is written; dbt takes an empty one, of which everything is a stranger."""
    return [] if value in (None, []) else values(value)


THEIRS = {"value_set": "values", "quote_values": "quote"}  # where null is in no set
KIND = Kind(
    "accepted_values", term, needs=("values",),
    takes={"values": _as_given, "quote": bool, "mostly": share, "nulls_fail": flag},
    also={
        "expect_column_values_to_be_in_set": Alias(THEIRS, {"nulls_fail": True, "mostly": 1}),
        "expect_column_distinct_values_to_be_in_set": Alias(THEIRS, {"nulls_fail": True}),
    },
)  # fmt: skip
