"""Checks that a table has as many rows as another one; `tolerance` is the share by which it may have more or fewer.

With `group_by` each group has: failures are groups, and one that only one of them has is one.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import share, text
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term

MINE, OTHER = "rows", "rows of the other"


def term(asked: Asked) -> Term:
    """Count both."""
    mine, theirs = exp.column(MINE), exp.column(OTHER, quoted=True)
    apart = exp.Abs(this=exp.Sub(this=mine, expression=theirs))
    allowed = exp.Mul(this=theirs.copy(), expression=exp.convert(asked.arguments.get("tolerance", 0)))
    query = exp.select("*").from_(counted(asked).subquery("counted")).where(exp.GT(this=apart, expression=allowed))
    says = f"it does not have as many rows as {asked.named('to')}"
    return query_fails(query, (says, f"of {{n}} groups {says}"))


def counted(asked: Asked) -> exp.Select:
    """The number of rows of both tables, or of each group in both."""
    groups = asked.arguments.get("group_by") or []
    other = asked.others[asked.arguments["to"]]
    mine = _counted(asked.table, groups, asked.conditions).subquery("mine")
    theirs = _counted(other, groups, []).subquery("theirs")
    same = [exp.NullSafeEQ(this=_of("mine", name), expression=_of("theirs", name)) for name in groups]
    both = exp.select(
        *(exp.func("coalesce", _of("mine", name), _of("theirs", name)).as_(name, quoted=True) for name in groups),
        exp.func("coalesce", _of("mine", MINE), exp.convert(0)).as_(MINE),
        exp.func("coalesce", _of("theirs", MINE), exp.convert(0)).as_(OTHER, quoted=True),
    )
    return both.from_(mine).join(theirs, on=exp.and_(*same) if same else exp.true(), join_type="full")


def _counted(table: exp.Table, groups: list[str], conditions: list[exp.Expr]) -> exp.Select:
    columns = [exp.column(name, quoted=True) for name in groups]
    number = exp.Count(this=exp.Star()).as_(MINE, quoted=True)
    return exp.select(*columns, number).from_(table.copy()).where(*conditions).group_by(*(c.copy() for c in columns))


def _of(side: str, name: str) -> exp.Column:
    return exp.column(name, table=side, quoted=True)


THEIRS = {"compare_model": "to"}
KIND = Kind(
    "equal_rowcount", term, about="table", takes={"to": text, "tolerance": share}, needs=("to",),
    also={"equal_rowcount": Alias(THEIRS)},
)  # fmt: skip
