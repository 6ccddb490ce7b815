"""Knows where parentheses mean nothing: around operators of which everybody knows which binds tighter.

DuckDB takes `a = j ->> 'b'` for `(a = j) ->> 'b'`, and `~a + b` for `~(a + b)`; parsers of other people do not. Who
puts parentheses there means to change something, and does.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

LOGIC = (exp.And, exp.Or, exp.Not)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Like, exp.ILike, exp.In, exp.Between)
ARROWS = (exp.JSONExtract, exp.JSONExtractScalar)  # of DuckDB; they bind less tightly than even OR
OPERATORS = (exp.Binary, exp.Unary, exp.In, exp.Between, exp.Abs, exp.StartsWith)  # `@a` is ABS, `a ^@ b` STARTS_WITH
TIGHT = (exp.Dot,)  # binds tighter than all others


def is_doubtful(tree: exp.Expr) -> bool:
    """Whether parsers may disagree on what operators take, around this one or below it.

    >>> from sqlglot import parse_one
    >>> [is_doubtful(parse_one(each, read="duckdb")) for each in ("a + b * c = d", "j ->> 'b' = d", "a = b == c")]
    [False, True, True]
    """
    found = list(_below(_outermost(tree)))
    if any(isinstance(each, ARROWS) for each in found):
        return True
    known = all(isinstance(each, LOGIC + ARITHMETIC + COMPARISONS) for each in found)
    return len(found) > 1 and (not known or sum(isinstance(each, COMPARISONS) for each in found) > 1)


def _outermost(tree: exp.Expr) -> exp.Expr:
    """What is between two AND, two OR or two commas: further than that no operator reaches."""
    while isinstance(tree.parent, OPERATORS) and not isinstance(tree.parent, exp.Connector):
        tree = tree.parent
    return tree


def _below(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The operators down to the next AND, OR, call or query, but for parentheses; without recursion."""
    stack = [tree]
    while stack:
        part = stack.pop()
        if not isinstance(part, (*OPERATORS, exp.Cast)):
            continue
        if not isinstance(part, (exp.Paren, exp.Cast, *TIGHT)):
            yield part
        if not isinstance(part, exp.Connector) or part is tree:
            stack += [each for each in part.iter_expressions() if isinstance(each, exp.Expr)]
