"""Writes trees for PostgreSQL from short texts of our own, with parts of a query put in their places."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp


def made(text: str, **parts: exp.Expr) -> exp.Expr:
    """The expression, with copies of the parts where the text has their names.

    >>> import sqlglot
    >>> made("COALESCE(a, 0)", a=sqlglot.parse_one("x + 1")).sql("postgres")
    'COALESCE(x + 1, 0)'
    """
    tree = _parsed(text).copy()
    places = [each for each in tree.find_all(exp.Column) if not each.table and each.name in parts]
    for place in places:
        part = parts[place.name].copy()
        is_loose = isinstance(part, exp.Binary | exp.Unary | exp.Between | exp.In | exp.Not) and place is not tree
        filled = exp.paren(part, copy=False) if is_loose and _is_operand(place) else part
        if place is tree:
            return filled
        place.replace(filled)
    return tree


@lru_cache(maxsize=1_000)
def _parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="postgres")


def _is_operand(place: exp.Expr) -> bool:
    return isinstance(place.parent, exp.Binary | exp.Unary | exp.Bracket | exp.AtTimeZone | exp.Collate)
