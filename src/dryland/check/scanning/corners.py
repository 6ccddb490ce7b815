"""Shows that a comparison holds in every row: it does at the corners, where each column has its least or most value.

A sum, a difference or a product only rises or only falls with each of its parts, whatever the others are, and rounding
keeps the order: between the corners nothing lies beyond what these give, and nothing overflows that does not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product

from sqlglot import exp

LEAVES_MAX = 4  # twice as many corners with each column
NUMBER_MAX = 10**9  # of numbers that are not exact: so many factors stay finite, and NaN and infinities are in no order


def at_corners(comparison: exp.Binary, families: Mapping[str, str]) -> exp.Expr | None:
    """A condition on aggregates that shows, where it holds, that a comparison is false in no row.

    None where it compares other things than sums, differences and products of numbers. What overflows shows nothing.

    >>> at_corners(exp.maybe_parse("a > b"), {"a": "number", "b": "number"}).sql("duckdb")
    'TRY(MIN(a) > MIN(b) AND MIN(a) > MAX(b) AND MAX(a) > MIN(b) AND MAX(a) > MAX(b))'
    """
    leaves = [*_leaves(comparison.left), *_leaves(comparison.right)]
    columns = [each for each in leaves if isinstance(each, exp.Column)]
    kinds = {_kind(each, families) for each in leaves}
    if not columns or len(leaves) > LEAVES_MAX or not kinds <= {"number", "inexact"}:
        return None
    corners = [_corner(comparison, extremes, families) for extremes in product((exp.Min, exp.Max), repeat=len(columns))]
    finite = [_finite(each) for each in columns] if "inexact" in kinds else []
    return exp.Try(this=exp.and_(*corners, *finite, copy=False))


def _leaves(tree: exp.Expr) -> Iterator[exp.Expr]:
    """What sums, differences and products are made of."""
    if isinstance(tree, exp.Paren | exp.Neg):
        yield from _leaves(tree.this)
    elif isinstance(tree, exp.Add | exp.Sub | exp.Mul):
        yield from _leaves(tree.left)
        yield from _leaves(tree.right)
    else:
        yield tree


def _kind(leaf: exp.Expr, families: Mapping[str, str]) -> str:
    """`number`, `inexact`, or what has no corners."""
    if isinstance(leaf, exp.Column):
        return families.get(leaf.name.lower(), "")
    if not isinstance(leaf, exp.Literal) or leaf.is_string or abs(Decimal(leaf.name)) > NUMBER_MAX:
        return ""
    return "inexact" if "e" in leaf.name.lower() else "number"


def _corner(
    comparison: exp.Binary, extremes: tuple[type[exp.AggFunc], ...], families: Mapping[str, str]
) -> exp.Expr:  # fmt: skip
    """The comparison of the least or most values of its columns."""
    corner = comparison.copy()
    for column, extreme in zip(list(corner.find_all(exp.Column)), extremes, strict=True):
        aggregate = extreme(this=column.copy())
        aggregate.meta["kind"] = _kind(column, families)
        column.replace(aggregate)
    return corner


def _finite(column: exp.Column) -> exp.Expr:
    """That all values of a column are numbers of a usual size; NaN is the largest there is."""
    least = exp.GTE(this=exp.Min(this=column.copy()), expression=exp.Literal.number(-NUMBER_MAX))
    most = exp.LTE(this=exp.Max(this=column.copy()), expression=exp.Literal.number(NUMBER_MAX))
    return exp.and_(least, most, copy=False)
