"""Checks that each value of a column is there as often as in a column of another table; failures are values."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import text, their_column
from dryland.check.kinds.kind import Kind
from dryland.check.term import Asked, Term

TIMES = "times in the other"


def term(asked: Asked) -> Term:
    """Count the values of both and join them; null is a value here."""
    parent = asked.others[asked.arguments["to"]]
    theirs = exp.column(asked.arguments["field"], quoted=True)
    mine = _times(asked.table, asked.value, asked.conditions).subquery("mine")
    other = _times(parent, theirs, []).subquery("other")
    sides = [exp.column("value", table=name) for name in ("mine", "other")]
    times = [exp.func("coalesce", exp.column("times", table=name), exp.convert(0)) for name in ("mine", "other")]
    shown = (exp.func("coalesce", *sides).as_("value"), times[0].as_("times"), times[1].as_(TIMES, quoted=True))
    query = exp.select(*shown).from_(mine)
    query = query.join(other, on=exp.NullSafeEQ(this=sides[0].copy(), expression=sides[1].copy()), join_type="full")
    query = query.where(exp.NEQ(this=times[0].copy(), expression=times[1].copy()))
    says = f"of {asked.column} not as often in {asked.named('to')}"
    return query_fails(query, (f"1 value {says}", f"{{n}} values {says}"))


def _times(table: exp.Table, value: exp.Column, conditions: list[exp.Expr]) -> exp.Select:
    given = value.copy().as_("value"), exp.Count(this=exp.Star()).as_("times")
    return exp.select(*given).from_(table.copy()).where(*conditions).group_by(value.copy())


KIND = Kind(
    "cardinality_equality", term, takes={"to": text, "field": their_column}, needs=("to", "field"), is_grouped=False,
)  # fmt: skip
