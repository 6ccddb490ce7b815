"""Checks which values a column has, as a whole: all of a list, or exactly those; failures are values."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import flag, values
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term
from dryland.check.written import own_written, text_of, written


def term(asked: Asked) -> Term:
    """Look for values of the list that no row has; with `exact: true` for values that the list has not, too.

    With `quote: false` the list holds expressions; with `nulls_fail` null is a value that no list has.
    """
    listed = [_listed(asked, each) for each in asked.arguments["values"]]
    rows: exp.Expr = exp.values([(each,) for each in listed], alias="listed", columns=["value"])
    text = text_of(asked)
    is_null = asked.value.is_(exp.null())
    there = exp.select(text.copy()).from_(asked.table.copy()).where(is_null.not_(), *asked.conditions)
    column = exp.column("value", table="listed")
    missing = exp.select(column.as_("value"), exp.convert("missing").as_("problem")).from_(rows)
    missing = missing.where(column.copy().isin(query=there).not_())
    of = asked.column
    if not asked.arguments.get("exact"):
        return query_fails(missing, (f"no row has 1 value of {of}", f"no row has {{n}} values of {of}"))
    strange = exp.select(text.as_("value"), exp.convert("not in the list").as_("problem")).distinct()
    unknown = exp.and_(is_null.not_(), text.copy().isin(*(each.copy() for each in listed)).not_())
    if asked.arguments.get("nulls_fail"):
        unknown = exp.or_(unknown, is_null.copy())
    strange = strange.from_(asked.table.copy()).where(unknown, *asked.conditions)
    says = f"of {of} missing or not in the list"
    both = exp.union(missing, strange, distinct=False)
    return query_fails(both, (f"1 value {says}", f"{{n}} values {says}"))


def _listed(asked: Asked, value: Any) -> exp.Expr:
    if asked.arguments.get("quote", True):
        return written(asked, str(value))
    return own_written(asked, asked.own_sql(str(value), "a value"))


LIST = {"value_set": "values", "quote_values": "quote"}
KIND = Kind(
    "distinct_values", term, needs=("values",), is_grouped=False,
    takes={"values": values, "exact": flag, "quote": flag, "nulls_fail": flag},
    also={
        "expect_column_distinct_values_to_contain_set": Alias(LIST),
        "expect_column_distinct_values_to_equal_set": Alias(LIST, {"exact": True, "nulls_fail": True}),
    },
)  # fmt: skip
