"""Defines what one place of a query, where it reads an input, can see of it: which rows, and what of those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from sqlglot import exp

from dryland.values import dataclass


class Aggregate(NamedTuple):
    """`min(a)`, `max(a)`, `sum(a)`, `count(a)`; without a column `count(*)`. Lower case."""

    name: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """That a column equals some value of a column of another input; what equals none is joined with nothing."""

    column: str
    unique_id: str  # of the other input
    other: str  # its column
    is_first: bool  # on the left of the `=`

    def renamed(self, name_of: Callable[[str], str | None]) -> Match | None:
        """The same of another name for the column; None where it has none."""
        column = name_of(self.column)
        return None if column is None else replace(self, column=column)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row must meet, or nothing comes of it; its columns have no table, and their names are folded."""

    tree: exp.Expr

    def renamed(self, name_of: Callable[[str], str | None]) -> Condition | None:
        """The same over other columns; None where one of them has no name there."""
        names = {each.name: name_of(each.name) for each in self.tree.find_all(exp.Column)}
        if None in names.values():
            return None
        return Condition(self.tree.transform(lambda node: _column(names[node.name]) if _is_column(node) else node))


@dataclass(frozen=True, slots=True)
class Portion:
    """Of the rows that meet all of this: the columns, each row counted, or nothing but aggregates.

    What a query gives is decided by the portions of all places that read its inputs. Names are as in `Meaning`.
    """

    conditions: frozenset[Condition] = frozenset()
    matches: frozenset[Match] = frozenset()
    columns: frozenset[str] = frozenset()
    aggregates: frozenset[Aggregate] | None = None


def _is_column(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column)


def _column(name: str | None) -> exp.Expr:
    return exp.column(str(name))
