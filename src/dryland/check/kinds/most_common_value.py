"""Checks that the most common value of a column is one of a list; failures are the values that are, when none is in it.

Of several that are as common one in the list will do. Nulls are no values.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import count, flag, text, values
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count each value, of each group, and compare the most there is with the most of the list.

    With `ties_okay: false` nothing else may be as common; `top_n` asks for the value at that place alone.
    """
    if asked.arguments.get("top_n"):
        return _at_place(asked, asked.arguments["top_n"])
    groups = [exp.column(name, quoted=True) for name in asked.arguments.get("group_by") or ()]
    listed = [exp.convert(str(each)) for each in asked.arguments["values"]]
    times = exp.Count(this=exp.Star())
    of_listed = exp.case().when(asked.value.isin(*listed), times.copy())
    most, allowed = (
        exp.Window(this=exp.Max(this=each), partition_by=[key.copy() for key in groups]) for each in (times, of_listed)
    )
    shown = [key.as_(f"group {at}", quoted=True) for at, key in enumerate(groups, 1)]
    counted = exp.select(
        *shown, asked.value.as_("value"), times.copy().as_("times"), most.as_("most"), allowed.as_("allowed")
    )
    counted = counted.from_(asked.table.copy()).where(asked.value.is_(exp.null()).not_(), *asked.conditions)
    counted = counted.group_by(*(key.copy() for key in groups), asked.value)
    names = [exp.column(name, quoted=True) for name in (*(each.alias for each in shown), "value", "times")]
    is_most = exp.column("times").eq(exp.column("most"))
    none_allowed = exp.func("coalesce", exp.column("allowed"), exp.convert(0)) < exp.column("most")
    query = exp.select(*names).from_(counted.subquery("counted")).where(is_most, none_allowed)
    if asked.arguments.get("ties_okay") is False:
        query = _alone(
            names, counted, is_most, exp.column("value").isin(*(each.copy() for each in listed)), len(groups)
        )
    says = f"the most common {asked.column} is not in the list"
    return query_fails(query, (says, f"none of the {{n}} most common {asked.column} is in the list"))


def _alone(
    names: list[exp.Column], counted: exp.Select, is_most: exp.Expr, is_listed: exp.Expr, groups: int
) -> exp.Select:  # fmt: skip
    """The most common values that are not in the list, or not the only ones."""
    number = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[each.copy() for each in names[:groups]])
    most = exp.select("*", number.as_("ties")).from_(counted.subquery("counted")).where(is_most)
    return exp.select(*names).from_(most.subquery("most")).where(exp.or_(is_listed.not_(), exp.column("ties") > 1))


def _at_place(asked: Asked, place: int) -> Term:
    """Null has a place, and is judged nowhere; of values that are as common, the warehouse picks one."""
    listed = [exp.convert(str(each)) for each in asked.arguments["values"]]
    times = exp.Count(this=exp.Star())
    order = exp.Order(expressions=[exp.Ordered(this=times.copy(), desc=True, nulls_first=False)])
    placed = exp.Window(this=exp.RowNumber(), order=order).as_("place")
    counted = exp.select(asked.value.as_("value"), times.as_("times"), placed).from_(asked.table.copy())
    counted = counted.where(*asked.conditions).group_by(asked.value)
    wrong = exp.and_(exp.column("place").eq(place), exp.column("value").isin(*listed).not_())
    query = exp.select("*").from_(counted.subquery("counted")).where(wrong)
    says = f"of {asked.column} the value at place {place} is not in the list"
    return query_fails(query, (says, says))


KIND = Kind(
    "most_common_value", term, needs=("values",),
    takes={"values": values, "ties_okay": flag, "top_n": count, "quote": flag, "data_type": text},
    also={
        "expect_column_most_common_value_to_be_in_set": Alias(
            {"value_set": "values", "quote_values": "quote"}, {"top_n": 1}
        ),
    },
)  # fmt: skip
