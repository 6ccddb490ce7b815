"""Finds cheaper questions than a count: aggregates that answer it, or that show that no row can fail.

The profile asks for nulls, minimum and maximum of every column anyway; the warehouse works each aggregate out once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp

from dryland.check.dialects import family, has_no_number
from dryland.check.scanning.corners import at_corners
from dryland.check.scanning.few_values import sole_column
from dryland.engines.relation import Column
from dryland.values import dataclass

Families = Mapping[str, str]  # lower-case column -> its family of types; of numbers with NaN and infinities: `inexact`
ORDERED = {
    "number": False,
    "inexact": False,
    "moment": True,
    "text": True,
}  # whether a literal of the family is written as a string
WRONG_WAY: Mapping[type[exp.Expr], type[exp.Binary]] = {
    exp.GT: exp.LTE,
    exp.GTE: exp.LT,
    exp.LT: exp.GTE,
    exp.LTE: exp.GT,
}


@lru_cache(maxsize=16)
def families(columns: tuple[Column, ...], dialect: str) -> Families:
    """Family of types by column."""
    return {
        column.name.lower(): "inexact" if has_no_number(column.type, dialect) else family(column.type)
        for column in columns
    }


def count(condition: exp.Expr) -> exp.Expr:
    """How many rows a condition holds for."""
    column = _null_column(plain(condition))
    if column is not None:
        return exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=column.copy()))
    return exp.CountIf(this=condition.copy())


def no_row(condition: exp.Expr, known: Families) -> exp.Expr | None:
    """A condition on aggregates that shows, where it holds, that a condition on rows holds for none.

    It says nothing where it does not hold. None when neither minimum and maximum nor the values of a column can tell.
    """
    columns = {column.name.lower() for column in condition.find_all(exp.Column)}
    found = _never(plain(condition), _Told(known, is_of_many=len(columns) > 1))
    return found if found is not None and found.find(exp.AggFunc) else None


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known where a condition is read."""

    families: Families
    is_of_many: bool  # columns; of one alone its rows are counted in no more time than parts of them


def plain(tree: exp.Expr) -> exp.Expr:
    """The same condition without the wraps that macros put around it: `not ((x is null) = true)`."""
    while True:
        if isinstance(tree, exp.Paren) or _is_wrapped(tree):
            tree = tree.this
        elif isinstance(tree, exp.Not) and isinstance(inner := plain(tree.this), exp.Not):
            tree = inner.this
        elif isinstance(tree, exp.Not):
            return exp.Not(this=plain(tree.this).copy())
        else:
            return tree


def _is_wrapped(tree: exp.Expr) -> bool:
    """Whether it is a condition that is compared with `true`."""
    return isinstance(tree, exp.EQ) and _is_true(tree.expression) and _is_condition(plain(tree.this))


def _is_true(tree: exp.Expr) -> bool:
    tree = tree.unnest()
    return isinstance(tree, exp.Boolean) and bool(tree.this)


def _is_always_true(tree: exp.Expr) -> bool:
    """Whether it is `true`, or `1 = 1`, with which macros begin their lists of conditions."""
    is_equal = isinstance(tree, exp.EQ) and isinstance(tree.this, exp.Literal) and tree.this == tree.expression
    return is_equal or _is_true(tree)


def _is_condition(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Connector | exp.Not | exp.Predicate | exp.Between | exp.In)


def _null_column(tree: exp.Expr) -> exp.Column | None:
    """The column of `x is null`, which PostgreSQL's `x is not null` is not."""
    if isinstance(tree, exp.Is) and not tree.args.get("negate") and isinstance(tree.expression.unnest(), exp.Null):
        column = tree.this.unnest()
        return column if isinstance(column, exp.Column) else None
    return None


def _never(tree: exp.Expr, told: _Told) -> exp.Expr | None:
    """When is this true of no row? Null is not true."""
    tree = plain(tree)
    if isinstance(tree, exp.Or):
        return _both(_never(tree.left, told), _never(tree.right, told))
    if isinstance(tree, exp.And):
        return _either(_never(tree.left, told), _never(tree.right, told))
    if isinstance(tree, exp.Not):
        return _never_false(plain(tree.this), told)
    found = None
    if isinstance(tree, exp.GT | exp.GTE | exp.LT | exp.LTE):
        found = _bounded(tree.this, WRONG_WAY[type(tree)], tree.expression, told)
    elif column := _null_column(tree):
        found = exp.EQ(this=exp.Count(this=column.copy()), expression=exp.Count(this=exp.Star()))
    return found or _not_counted(tree, tree, told)


def _never_false(tree: exp.Expr, told: _Told) -> exp.Expr | None:
    """When is this false of no row?"""
    if isinstance(tree, exp.And):
        return _both(_never_false(plain(tree.left), told), _never_false(plain(tree.right), told))
    if isinstance(tree, exp.Or):
        return _either(_never_false(plain(tree.left), told), _never_false(plain(tree.right), told))
    if _is_always_true(tree):
        return exp.true()
    found = None
    if isinstance(tree, exp.Between):
        low, high = tree.args["low"], tree.args["high"]
        found = _both(_bounded(tree.this, exp.GTE, low, told), _bounded(tree.this, exp.LTE, high, told))
    elif isinstance(tree, exp.GT | exp.GTE | exp.LT | exp.LTE):
        found = _bounded(tree.this, type(tree), tree.expression, told)
    elif column := _null_column(tree):
        found = exp.EQ(this=exp.Count(this=column.copy()), expression=exp.Literal.number(0))
    return found or _not_counted(tree, exp.Not(this=exp.paren(tree)), told)


def _bounded(left: exp.Expr, comparison: type[exp.Binary], right: exp.Expr, told: _Told) -> exp.Expr | None:
    """All values of a column compare so with a literal: its smallest, or its largest, does. No values always do."""
    column, bound = left.unnest(), right.unnest()
    if not isinstance(column, exp.Column) or not _is_literal(bound, told.families.get(column.name.lower(), "")):
        return at_corners(comparison(this=left.copy(), expression=right.copy()), told.families)
    extreme = exp.Min if comparison in (exp.GT, exp.GTE) else exp.Max
    holds = comparison(this=extreme(this=column.copy()), expression=bound.copy())
    return exp.Coalesce(this=holds, expressions=[exp.true()])


def _not_counted(part: exp.Expr, wrong: exp.Expr, told: _Told) -> exp.Expr | None:
    """That a part of a condition on several columns is wrong of no row: its column may have few values to look at."""
    if not told.is_of_many or not sole_column(part) or part.find(exp.Query, exp.Window, exp.AggFunc):
        return None
    return exp.EQ(this=exp.CountIf(this=wrong.copy()), expression=exp.Literal.number(0))


def _is_literal(tree: exp.Expr, kind: str) -> bool:
    """Whether it is a literal that is compared with a column of this family as its values are with each other."""
    if isinstance(tree, exp.Cast) and kind == "moment":
        tree = tree.this
    if isinstance(tree, exp.Neg):
        tree = tree.this.unnest()
    return isinstance(tree, exp.Literal) and kind in ORDERED and tree.is_string == ORDERED[kind]


def _both(left: exp.Expr | None, right: exp.Expr | None) -> exp.Expr | None:
    return exp.and_(left, right, copy=False) if left is not None and right is not None else None


def _either(left: exp.Expr | None, right: exp.Expr | None) -> exp.Expr | None:
    if left is None or right is None:
        return left if right is None else right
    return exp.or_(left, right, copy=False)
