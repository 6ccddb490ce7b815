"""Puts layers of a query side by side or together, where one of two sides is constant or the table as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from dryland.check.reading.part import (
    Layer,
    Name,
    Part,
    TooMuch,
    aggregates,
    connected,
    every,
    is_possible,
    settled,
    worked_out,
)
from dryland.values import dataclass

PARTS_MAX = 64  # a longer list of constants is joined by the warehouse
SOUGHT_MAX = 8  # constants that are each sought among all rows: of more it takes longer than to group the rows once


@dataclass(frozen=True, slots=True)
class Join:
    """How two layers are joined."""

    kind: str  # inner, left, right, full, semi or anti
    on: Callable[[Mapping[Name, exp.Expr]], exp.Expr]  # the condition, given the values of both sides
    table: exp.Table


def joined(left: Layer, right: Layer, join: Join) -> Layer:
    """The rows of a join: for each pair of parts those that match, and for each part those that match none."""
    if len(left) * len(right) > PARTS_MAX or _sought(left, right, join) > SOUGHT_MAX:
        raise TooMuch
    if join.kind in ("semi", "anti"):
        return tuple(_lone(part, right, join, is_anti=join.kind == "anti") for part in left)
    found = [_pair(one, other, join) for one in left for other in right]
    if join.kind in ("left", "full"):
        nulls = _nulls(right)
        found += [replace(_lone(part, right, join), values={**part.values, **nulls}) for part in left]
    if join.kind in ("right", "full"):
        nulls = _nulls(left)
        found += [replace(_lone(part, left, join), values={**nulls, **part.values}) for part in right]
    return tuple(filter(is_possible, found))


def _sought(left: Layer, right: Layer, join: Join) -> int:
    """How many single rows ask whether any row of the other side is theirs."""
    asking = [(left, right)] if join.kind in ("left", "full", "semi", "anti") else []
    asking += [(right, left)] if join.kind in ("right", "full") else []
    return sum(len(ones) for ones, others in asking if any(part.per != "whole" for part in others))


def _pair(one: Part, other: Part, join: Join) -> Part:
    """The rows of two parts that match, of which one is a single row."""
    if one.per == other.per == "whole":
        base = one
    elif other.per == "whole":
        base, other = one, _settled(other, join.table)
    elif one.per == "whole":
        base, one = other, _settled(one, join.table)
    else:
        raise TooMuch
    values = {**one.values, **other.values}
    return replace(base, values=values, where=(*one.where, *other.where, join.on(values)))


def _lone(part: Part, others: Layer, join: Join, *, is_anti: bool = True) -> Part:
    """The rows of a part that match no row of the other side, or that match one."""
    if any(other.per != "whole" for other in others):
        part = _settled(part, join.table)  # one row, that is sought among those of the other side
    matches = connected(exp.Or, _as_list([_matches(part, other, join) for other in others])) or exp.false()
    found = exp.Coalesce(this=matches, expressions=[exp.false()])
    return part.within([exp.Not(this=found) if is_anti else found])


def _matches(part: Part, other: Part, join: Join) -> exp.Expr:
    """Whether a row matches any of another part; null is no match."""
    if other.per == "whole" and part.per != "whole":
        other = _settled(other, join.table)
    on = join.on({**part.values, **other.values})
    found = every((*other.where, on)) if other.where else on.copy()
    if other.per == "whole":
        return found
    if any(aggregates(each) for each in (on, *other.where)):
        raise TooMuch
    some = exp.GT(this=exp.CountIf(this=every((*other.of, *other.where, on))), expression=exp.Literal.number(0))
    return worked_out(some, other.source)


def _as_list(matches: list[exp.Expr]) -> list[exp.Expr]:
    """Equalities of one value with several as one list: the warehouse looks them up at once."""
    pairs = [each.unnest() for each in matches]
    if len(pairs) < 2 or not all(isinstance(each, exp.EQ) for each in pairs):
        return matches
    for side, other in (("this", "expression"), ("expression", "this")):
        if all(pair.args[side] == pairs[0].args[side] for pair in pairs):
            return [exp.In(this=pairs[0].args[side].copy(), expressions=[pair.args[other].copy() for pair in pairs])]
    return matches


def _settled(part: Part, table: exp.Table) -> Part:
    """The single row of a part as constants, that stand beside columns: aggregates are worked out in subqueries."""
    if part.per != "whole":
        raise TooMuch
    return settled(part, table)


def _nulls(layer: Layer) -> dict[Name, exp.Expr]:
    """The values that a row has from a side in which it matches nothing."""
    if not layer:
        raise TooMuch
    return {name: exp.null() for name in layer[0].values}
