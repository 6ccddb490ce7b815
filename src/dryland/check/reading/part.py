"""Holds what the layers of a query come to, as parts: rows, groups of rows, or the whole of one table.

A part says for what it gives a row, and the values in that row, written over the columns of the table. A layer is the
union of its parts: where a table is joined with constants, one for each of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Literal

from sqlglot import exp

from dryland.check.scanning.cheap import plain
from dryland.values import dataclass

ATOMS = (
    exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Cast, exp.Case, exp.Coalesce, exp.AggFunc, exp.Filter,
    exp.Anonymous, exp.Subquery,
)  # fmt: skip
"""What is written without operators."""

Name = tuple[str, str]
"""A source within its layer and a column, both in lower case; what a layer gives has no source yet."""


class TooMuch(Exception):  # noqa: N818 - control flow, not an error: the query is asked by itself then
    """The query does more than can be told by terms of one scan."""


@dataclass(frozen=True, slots=True)
class Part:
    """One row for each row of the table, for each group of its rows, or for the whole of it.

    `where` says for which: a condition on rows, on keys and aggregates of groups, or on aggregates of the whole.
    """

    per: Literal["row", "group", "whole"]
    values: Mapping[Name, exp.Expr]
    where: tuple[exp.Expr, ...] = ()
    keys: tuple[exp.Expr, ...] = ()  # of groups
    of: tuple[exp.Expr, ...] = ()  # conditions on the rows that are grouped
    source: exp.Table | None = None  # another table than the one that is scanned

    @property
    def is_constant(self) -> bool:
        """Whether it is one row that does not depend on the table."""
        return self.per == "whole" and not any(map(_is_of_table, (*self.values.values(), *self.where)))

    def within(self, conditions: Iterable[exp.Expr]) -> Part:
        """The same where these conditions hold as well."""
        return replace(self, where=(*self.where, *conditions))


Layer = tuple[Part, ...]


def only(layer: Layer) -> Part:
    """The part of a layer that has one."""
    if len(layer) != 1:
        raise TooMuch
    return layer[0]


def count(part: Part, table: exp.Table) -> exp.Expr:
    """How many rows it gives, as a term of a scan of the table."""
    if part.per == "row" and part.source is None:
        return exp.Coalesce(this=exp.CountIf(this=every(part.where)), expressions=[exp.Literal.number(0)])
    if part.per == "whole":
        one = exp.If(this=every(part.where), true=exp.Literal.number(1))
        return exp.Case(ifs=[one], default=exp.Literal.number(0))
    return exp.select(exp.Count(this=exp.Star())).from_(query(part, (), table).subquery("failing")).subquery()


def query(part: Part, values: Iterable[exp.Expr], table: exp.Table) -> exp.Select:
    """The part as a query of its own, for values of it."""
    shown = [value.copy().as_(f"v{number}") for number, value in enumerate(values)] or [exp.Literal.number(1)]
    made = exp.select(*shown).from_((part.source or table).copy())
    if part.per == "row":
        return _where(made, part.where)
    if part.per == "group":
        return _having(_where(made, part.of).group_by(*(key.copy() for key in part.keys)), part.where)
    if any(map(aggregates, (*shown, *part.where))):
        return _having(made, part.where)
    return _where(exp.select(*shown), part.where)  # one row, however many the table has


def _where(made: exp.Select, conditions: tuple[exp.Expr, ...]) -> exp.Select:
    made.set("where", exp.Where(this=every(conditions)) if conditions else None)
    return made


def _having(made: exp.Select, conditions: tuple[exp.Expr, ...]) -> exp.Select:
    made.set("having", exp.Having(this=every(conditions)) if conditions else None)
    return made


def settled(part: Part, table: exp.Table) -> Part:
    """A single row as constants, that may stand beside columns: its aggregates are worked out in subqueries."""
    values = {name: worked_out(value, table) for name, value in part.values.items()}
    return replace(part, values=values, where=tuple(worked_out(each, table) for each in part.where), source=None)


def worked_out(value: exp.Expr, table: exp.Table | None) -> exp.Expr:
    """An aggregate as a subquery over a table; as it is over the one that is scanned."""
    if table is None or not aggregates(value):
        return value
    return query(Part("whole", {}), [value], table).subquery()


def every(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """Whether all conditions hold."""
    return connected(exp.And, [each for each in conditions if not _is_always(each)]) or exp.true()


def connected(connector: type[exp.Connector], conditions: Sequence[exp.Expr]) -> exp.Expr | None:
    """Conditions as one; None for none."""
    if len(conditions) == 1:
        return conditions[0].copy()
    copies = map(bare, conditions)
    return reduce(lambda left, right: connector(this=left, expression=right), copies) if conditions else None


def _is_always(condition: exp.Expr) -> bool:
    tree = condition.unnest()
    if isinstance(tree, exp.Or):
        return _is_always(tree.left) or _is_always(tree.right)
    is_true = isinstance(tree, exp.Boolean) and bool(tree.this)
    return is_true or (_is_null_test(tree) and isinstance(tree.this.unnest(), exp.Null))


def bare(tree: exp.Expr) -> exp.Expr:
    """A copy in parentheses, unless nothing beside it could tear it apart."""
    inner = tree.unnest().copy()
    return inner if isinstance(inner, ATOMS) else exp.paren(inner, copy=False)


def is_possible(part: Part) -> bool:
    """False when it surely gives nothing: a value is null that is known, or that is equal to another."""
    if not any(condition.find(exp.Is) for condition in part.where):
        return True
    conditions = [each for condition in part.where for each in conjuncts(condition)]
    known = [side.unnest() for each in conditions if isinstance(each, exp.EQ) for side in (each.this, each.expression)]
    return not any(_is_never(each, known) for each in conditions)


def conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that must all hold for one to hold."""
    tree = plain(condition)
    if isinstance(tree, exp.And):
        yield from conjuncts(tree.left)
        yield from conjuncts(tree.right)
    else:
        yield tree


def _is_never(condition: exp.Expr, known: list[exp.Expr]) -> bool:
    """Whether it cannot hold beside conditions that make these values not null."""
    tree = plain(condition)
    if isinstance(tree, exp.Or):
        return _is_never(tree.left, known) and _is_never(tree.right, known)
    if isinstance(tree, exp.Not):
        inner = plain(tree.this)
        return _is_null_test(inner) and isinstance(inner.this.unnest(), exp.Null)
    value = tree.this.unnest() if _is_null_test(tree) else None
    return value is not None and (is_literal(value) or value in known)


def _is_null_test(condition: exp.Expr) -> bool:
    """Whether it is `x is null`; PostgreSQL's `x is not null` is a word of its own, for rows are neither."""
    is_test = isinstance(condition, exp.Is) and not condition.args.get("negate")
    return is_test and isinstance(condition.expression.unnest(), exp.Null)


def is_literal(value: exp.Expr) -> bool:
    """Whether it is a value that is written out, and so not null."""
    tree = value.unnest()
    while type(tree) in (exp.Cast, exp.Neg):
        tree = tree.this.unnest()
    return isinstance(tree, exp.Literal | exp.Boolean)


def aggregates(tree: exp.Expr) -> list[exp.Expr]:
    """Its outermost aggregates, each with its filter; those of a subquery are not its own."""
    ends = (each for each in tree.walk(prune=_is_end) if _is_end(each))
    return [each for each in ends if not isinstance(each, exp.Query)]


def _is_end(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Query) or is_aggregate(tree)


def is_aggregate(tree: exp.Expr) -> bool:
    """Whether it is a function of many rows."""
    return isinstance(tree, exp.AggFunc | exp.WithinGroup | exp.Filter)


def columns(tree: exp.Expr) -> list[exp.Column]:
    """Its columns outside of aggregates and subqueries."""
    ends = (each for each in tree.walk(prune=_is_end) if not _is_end(each))
    return [each for each in ends if isinstance(each, exp.Column)]


def _is_of_table(tree: exp.Expr) -> bool:
    return bool(tree.find(exp.Column, exp.Query)) or bool(aggregates(tree))
