"""Changes a query at random: as people do, and as nobody would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import sqlglot
from hypothesis import strategies as st
from sqlglot import exp

Change = Callable[[], object]
SIDES = ({}, {"side": "LEFT"}, {"side": "FULL"}, {"kind": "SEMI"}, {"kind": "ANTI"}, {"kind": "CROSS", "on": None})
OTHERS = {exp.Sum: exp.Max, exp.Max: exp.Min, exp.Min: exp.Sum, exp.Rank: exp.DenseRank, exp.DenseRank: exp.Rank}
OPTIONAL = frozenset(
    """
    alias default distinct group having joins kind limit method nulls_first offset on order partition_by qualify
    side using where with_
    """.split()
)
OPERATIONS = (exp.Union, exp.Except, exp.Intersect)


@st.composite
def changed(draw: st.DrawFn, text: str) -> str:
    """The query with one or two small things about it changed; it need not be valid any more."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    for _ in range(draw(st.integers(1, 2))):
        changes = list(_changes(tree))
        if changes:
            draw(st.sampled_from(changes))()
    return tree.sql("duckdb")


def _changes(tree: exp.Expr) -> Iterator[Change]:
    nodes = list(tree.walk())
    for node in nodes:
        yield from _of_one(node)
    expressions = [node for node in nodes if isinstance(node, exp.Condition) and not isinstance(node, exp.Star)]
    for kind in (exp.Column, exp.Predicate, exp.AggFunc, exp.Select, exp.Func):
        yield from _exchanges([node for node in nodes if isinstance(node, kind)])
    yield from _exchanges(expressions[:: 1 + len(expressions) // 12])
    aliases = [node for node in nodes if isinstance(node, exp.Alias)]
    for one, other in pairwise(aliases):
        yield lambda one=one, other=other: _swap_names(one, other)


def _exchanges(nodes: list[exp.Expr]) -> Iterator[Change]:
    """One node in the place of another; only few of the pairs, for most say the same."""
    for number, node in enumerate(nodes):
        other = nodes[(number * 7 + 3) % len(nodes)]
        if node.parent and node != other and not _holds(other, node):
            yield lambda node=node, other=other: node.replace(other.copy())


def _holds(outer: exp.Expr, inner: exp.Expr) -> bool:
    node: exp.Expr | None = inner
    while node is not None and node is not outer:
        node = node.parent
    return node is outer


def _swap_names(one: exp.Alias, other: exp.Alias) -> None:
    first, second = one.args["alias"].copy(), other.args["alias"].copy()
    one.set("alias", second)
    other.set("alias", first)


def _of_one(node: exp.Expr) -> Iterator[Change]:
    for key, value in node.args.items():
        if value and key in OPTIONAL:
            yield lambda key=key: node.set(key, None)
        if isinstance(value, list) and len(value) > 1:
            yield lambda key=key, value=value: node.set(key, value[::-1])
            yield lambda key=key, value=value: node.set(key, value[1:])
            yield lambda key=key, value=value: node.set(key, value[:-1])
    if isinstance(node, exp.Literal):
        other = exp.Literal.string(node.this + "x") if node.is_string else exp.Literal.number(int(node.this) + 1)
        yield lambda: node.replace(other)
    if isinstance(node, exp.Column):
        for name in ("a", "b", "x"):
            yield lambda name=name: node.set("this", exp.to_identifier(name))
    if isinstance(node, exp.Join):
        for kind in SIDES:
            yield lambda kind=kind: [
                node.set(key, value) for key, value in {"side": None, "kind": None, **kind}.items()
            ]
    if isinstance(node, exp.Select):
        yield lambda: node.set("distinct", None if node.args.get("distinct") else exp.Distinct())
        yield lambda: node.set("where", exp.Where(this=exp.false()))
        yield lambda: node.set("limit", exp.Limit(expression=exp.Literal.number(1)))
        if node.args.get("group"):
            yield lambda: node.set("group", exp.Group(all=True))
    if isinstance(node, exp.Ordered):
        yield lambda: node.set("desc", not node.args.get("desc"))
        yield lambda: node.set("nulls_first", not node.args.get("nulls_first"))
    if isinstance(node, exp.SetOperation):
        yield lambda: node.set("distinct", not node.args.get("distinct"))
        for kind in OPERATIONS:
            yield lambda kind=kind: node.replace(kind(**node.copy().args))
    if isinstance(node, exp.CTE | exp.Table):
        for name in ("t", "u", "w"):
            part = "alias" if isinstance(node, exp.CTE) else "this"
            value = exp.TableAlias(this=exp.to_identifier(name)) if part == "alias" else exp.to_identifier(name)
            yield lambda part=part, value=value: node.set(part, value)
    if isinstance(node, exp.Connector | exp.Predicate) and isinstance(node, exp.Binary):
        turned = node.copy()
        turned.set("this", node.expression.copy())
        turned.set("expression", node.this.copy())
        yield lambda: node.replace(turned)
    if isinstance(node, exp.And | exp.Add):
        other_kind = exp.Or if isinstance(node, exp.And) else exp.Sub
        yield lambda: node.replace(other_kind(this=node.this, expression=node.expression))
    if type(node) in OTHERS:
        yield lambda: node.replace(OTHERS[type(node)](**node.copy().args))
