"""Takes conditions apart, and knows those that say of a row alone, always the same, whether it counts.

Only comparisons of columns with columns and constants are known, and what AND, OR and NOT make of them: no call, no
subquery and no arithmetic, which may fail or mean something else to the warehouse than to a parser.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
PATTERNS = (exp.Like, exp.ILike)


def conjuncts(tree: exp.Expr | None) -> Iterator[exp.Expr]:
    """The parts of which each must be true.

    >>> from sqlglot import parse_one
    >>> [each.sql() for each in conjuncts(parse_one("a and (b or c) and (d and e)"))]
    ['a', '(b OR c)', 'd', 'e']
    """
    stack = [] if tree is None else [tree]
    while stack:
        part = stack.pop()
        inner = part.unnest()
        if isinstance(inner, exp.And):
            stack += [inner.expression, inner.this]
        else:
            yield part


def is_of_one_row(tree: exp.Expr) -> bool:
    """Whether a condition is understood.

    >>> from sqlglot import parse_one
    >>> known = ["a", "not a is null", "t.a in (1, 2) or b like 'x%'", "d >= cast('2025-01-01' as date)"]
    >>> unknown = ["a + 1 > 2", "lower(a) = 'x'", "a in (select 1)", "a = (b = c)", "d > current_date"]
    >>> [is_of_one_row(parse_one(each)) for each in (*known, *unknown)]
    [True, True, True, True, False, False, False, False, False]
    """
    if isinstance(tree, exp.Paren | exp.Not):
        return is_of_one_row(tree.this)
    if isinstance(tree, exp.And | exp.Or):
        return is_of_one_row(tree.this) and is_of_one_row(tree.expression)
    return _is_simple(tree)


def _is_simple(tree: exp.Expr) -> bool:
    if isinstance(tree, exp.Column | exp.Boolean):
        return True
    if isinstance(tree, exp.Is):
        return _is_value(tree.this) and isinstance(tree.expression, exp.Null | exp.Boolean)
    if isinstance(tree, exp.In):
        listed = tree.args.get("expressions") or []
        return set(_given(tree)) == {"this", "expressions"} and all(map(_is_value, [tree.this, *listed]))
    if isinstance(tree, exp.Between):
        return set(_given(tree)) == {"this", "low", "high"} and all(map(_is_value, tree.iter_expressions()))
    if isinstance(tree, PATTERNS):
        return isinstance(tree.this, exp.Column) and isinstance(tree.expression, exp.Literal)
    return isinstance(tree, COMPARISONS) and all(map(_is_value, (tree.this, tree.expression)))


def _is_value(tree: exp.Expr) -> bool:
    """Whether it is a column or a constant."""
    if isinstance(tree, exp.Cast):
        return isinstance(tree.this, exp.Literal) and set(_given(tree)) == {"this", "to"}
    if isinstance(tree, exp.Neg):
        return isinstance(tree.this, exp.Literal)
    return isinstance(tree, exp.Column | exp.Literal | exp.Boolean | exp.Null)


def _given(tree: exp.Expr) -> Iterator[str]:
    return (key for key, value in tree.args.items() if value)
