"""Knows where the order of writing means nothing: parts of AND and OR, sides of `=`, the list of IN, GROUP BY.

Rows and values are the same in any order, NULLs included. What is not sure to be is left in its order: `=` inside a
call may name an argument, and values of several types in a list may be compared as the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.LT, exp.GTE: exp.LTE}
"""`b > a` is `a < b`."""

BOTH, LISTED = frozenset({"this", "expression"}), frozenset({"expressions"})
FREE: dict[type[exp.Expr], frozenset[str]] = {
    exp.And: BOTH, exp.Or: BOTH, exp.EQ: BOTH, exp.NEQ: BOTH, exp.In: LISTED, exp.Group: LISTED,
}  # fmt: skip
"""Which of their arguments can be free of order; `unordered` says whether they are."""

TRUTHS = (exp.Connector, exp.Having, exp.If, exp.Join, exp.Not, exp.Qualify, exp.Where)
"""What a comparison can be a part of: never a call, where `a = b` may give `b` to an argument called `a`."""


def unordered(node: exp.Expr) -> list[exp.Expr]:
    """The parts that could stand in any other order; none where there are no such.

    >>> from sqlglot import parse_one
    >>> [each.sql() for each in unordered(parse_one("a and (b and c)"))]
    ['a', 'b', 'c']
    >>> unordered(parse_one("a - b"))
    []
    """
    if isinstance(node, exp.And | exp.Or):
        return list(_flat(node, type(node)))
    if isinstance(node, exp.EQ | exp.NEQ):
        return [node.this, node.expression] if isinstance(_around(node), TRUTHS) else []
    if isinstance(node, exp.In):
        return list(node.expressions) if _is_of_one_type(node.expressions) else []
    if isinstance(node, exp.Group) and not any(value for key, value in node.args.items() if key not in FREE[exp.Group]):
        return list(node.expressions)  # with ROLLUP the first key is another than the last
    return []


def _flat(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    """The parts of a chain, whatever its parentheses; without recursion, for chains may be long."""
    stack = [node]
    while stack:
        part = stack.pop()
        inner = part.unnest()
        if type(inner) is kind:
            stack += [inner.args["expression"], inner.args["this"]]
        else:
            yield part


def _around(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent


def _is_of_one_type(values: list[exp.Expr]) -> bool:
    """Whether all are texts, or all are whole numbers."""
    literals = all(isinstance(value, exp.Literal) for value in values)
    return literals and (all(each.is_string for each in values) or all(each.is_int for each in values))
