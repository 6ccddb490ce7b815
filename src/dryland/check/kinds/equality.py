"""Checks that a table has the very rows of another one; failures are rows that only one of them has."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import columns, count, flag, text
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Take each from the other; `columns` or `exclude_columns` compare some columns, `precision` rounds numbers.

    A row that is there twice is the same as once, unless `as_often` counts.
    """
    mine = exp.select(*_compared(asked)).from_(asked.table.copy()).where(*asked.conditions)
    theirs = exp.select(*_compared(asked)).from_(asked.others[asked.arguments["to"]].copy())
    sides = []
    for one, other, what in ((mine, theirs, "only here"), (theirs, mine, "only in the other table")):
        rest = exp.except_(one.copy(), other.copy(), distinct=not asked.arguments.get("as_often"))
        where = exp.convert(what).as_(asked.free_name("where"), quoted=True)
        sides.append(exp.select(where, "rest.*").from_(rest.subquery("rest")))
    says = f"that only one of this table and {asked.named('to')} has"
    both = exp.union(sides[0], sides[1], distinct=False)
    return query_fails(both, (f"1 row {says}", f"{{n}} rows {says}"))


def _compared(asked: Asked) -> list[exp.Expr]:
    left_out = {each.lower() for each in asked.arguments.get("exclude_columns") or ()}
    named = asked.arguments.get("columns") or [each.name for each in asked.columns]
    theirs = [each.name for each in asked.other_columns.get(asked.arguments["to"], ())]
    if not asked.arguments.get("columns") and theirs:  # one that only the other has is asked of this one, and refused
        named = [*named, *(each for each in theirs if each.lower() not in {name.lower() for name in named})]
    return [_rounded(asked, name) for name in named if name.lower() not in left_out] or [exp.Star()]


def _rounded(asked: Asked, name: str) -> exp.Expr:
    value, places = exp.column(name, quoted=True), asked.arguments.get("precision")
    if places is None or not asked.type_of(name).startswith(FRACTIONS):
        return value
    return exp.Round(this=value, decimals=exp.convert(places)).as_(name, quoted=True)


FRACTIONS = ("FLOAT", "DOUBLE", "REAL", "DECIMAL", "NUMERIC")
KIND = Kind(
    "equality", term, about="table", needs=("to",),
    takes={"to": text, "columns": columns, "exclude_columns": columns, "precision": count, "as_often": flag},
    is_grouped=False, also={"equality": Alias({"compare_model": "to", "compare_columns": "columns"})},
)  # fmt: skip
