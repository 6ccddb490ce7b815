"""Checks that ranges, each from one column to another, do not overlap; failures are rows, as are ranges with NaN."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import column, columns, flag, one_of
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.no_number import or_nan
from dryland.check.term import Asked, Term

ENDS: dict[str, type[exp.Binary]] = {"allowed": exp.LTE, "not_allowed": exp.EQ, "required": exp.LT}


def term(asked: Asked) -> Term:
    """Compare every range with the next of its `group_by`; a range without an end, or one that ends first, is wrong.

    `gaps: not_allowed` wants the next to begin where this ends, `required` wants a gap between them.
    """
    given = asked.arguments
    low, high = (exp.column(given[name], quoted=True) for name in ("lower_bound_column", "upper_bound_column"))
    groups = [exp.column(name, quoted=True) for name in given.get("partition_by") or given.get("group_by") or ()]
    order = exp.Order(expressions=[exp.Ordered(this=low), exp.Ordered(this=high)])
    window = exp.Window(this=exp.Lead(this=low.copy()), partition_by=groups, order=order)
    backwards = [exp.Ordered(this=each.copy(), desc=True, nulls_first=False) for each in (low, high)]
    last = exp.Window(
        this=exp.RowNumber(), partition_by=[each.copy() for each in groups], order=exp.Order(expressions=backwards)
    )
    following, ends = (asked.free_name(name) for name in ("next_lower_bound", "is_last"))
    shown = (window.as_(following, quoted=True), last.eq(exp.Literal.number(1)).as_(ends, quoted=True))
    ordered = exp.select("*", *shown).from_(asked.table.copy()).where(*asked.conditions).subquery("ordered")
    begins = exp.LTE if given.get("zero_length_range_allowed") else exp.LT
    is_range = begins(this=low.copy(), expression=high.copy())
    follows = ENDS[given.get("gaps", "allowed")](this=high.copy(), expression=exp.column(following, quoted=True))
    good = [
        exp.Coalesce(this=is_range, expressions=[exp.false()]),
        exp.or_(exp.column(ends, quoted=True), exp.Coalesce(this=follows, expressions=[exp.false()])),
    ]
    wrong = or_nan(asked, exp.not_(exp.and_(*good)), low.name, high.name)
    query = exp.select("*").from_(ordered).where(wrong)
    says = "overlaps the next, or is none"
    return query_fails(query, (f"1 range {says}", "{n} ranges overlap the next, or are none"))


KIND = Kind(
    "mutually_exclusive_ranges", term, about="table",
    takes={
        "lower_bound_column": column, "upper_bound_column": column, "partition_by": columns,
        "gaps": one_of(*ENDS), "zero_length_range_allowed": flag,
    },
    needs=("lower_bound_column", "upper_bound_column"), also={"no_overlaps": Alias()},
)  # fmt: skip
