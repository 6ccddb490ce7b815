"""Works out the aggregates of a layer: over the rows of its table, over groups of them, or over what groups give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from dryland.check.reading.part import Name, Part, TooMuch, aggregates, columns, every, query, settled
from dryland.check.reading.scope import Scope
from dryland.values import dataclass

OF_ONE = (exp.Max, exp.Min, exp.Sum, exp.AnyValue)
"""Aggregates that leave a single value as it is."""

ROWS: Name = ("", "#rows")  # how many rows there are, none or one


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What a layer asks, as it is written."""

    keys: tuple[exp.Expr, ...]
    is_grouped: bool  # with keys that are constants alone there may be no group
    values: Mapping[Name, exp.Expr]
    having: tuple[exp.Expr, ...]


def aggregated(asked: Aggregation, scope: Scope) -> Part:
    """The part that aggregates of a part are."""
    if scope.part.per == "row":
        keys = [scope.resolved(key) for key in asked.keys]
        values = {name: scope.resolved(value) for name, value in asked.values.items()}
        having = [scope.resolved(condition) for condition in asked.having]
        return grouped(scope.part, keys, values, having) if asked.is_grouped else _whole(scope.part, values, having)
    if asked.is_grouped:
        raise TooMuch
    return _of_groups(asked, scope) if scope.part.per == "group" else _of_one(asked, scope)


def grouped(part: Part, keys: Iterable[exp.Expr], values: Mapping[Name, exp.Expr], having: Iterable[exp.Expr]) -> Part:
    """A row for each group of rows; where keys are constants, of all rows, if there are any."""
    named = tuple(key for key in keys if columns(key))
    if not named:
        some = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
        return _whole(part, values, [some, *having])
    if any(aggregates(key) or key.find(exp.Query) for key in named):
        raise TooMuch
    _verify_of_groups((*values.values(), *having), {key.unnest() for key in named})
    return replace(part, per="group", values=values, where=tuple(having), keys=named, of=part.where)


def _whole(part: Part, values: Mapping[Name, exp.Expr], having: Iterable[exp.Expr]) -> Part:
    """One row of aggregates over the rows that the layers below have picked."""
    conditions = tuple(having)
    _verify_of_groups((*values.values(), *conditions), set())
    picked = {name: _of_rows(value, part.where) for name, value in values.items()}
    where = tuple(_of_rows(condition, part.where) for condition in conditions)
    made = replace(part, per="whole", values=picked, where=where)
    return settled(made, part.source) if part.source is not None else made


def _verify_of_groups(values: Iterable[exp.Expr], keys: set[exp.Expr]) -> None:
    """Columns stand within aggregates or keys."""
    for column in (column for value in values for column in columns(value)):
        around: exp.Expr | None = column
        while around is not None and around not in keys:
            around = around.parent
        if around is None:
            raise TooMuch


def _of_rows(value: exp.Expr, rows: tuple[exp.Expr, ...]) -> exp.Expr:
    """The aggregates of a value over some of the rows only."""
    if not rows:
        return value
    holder = exp.Paren(this=value.copy())
    for aggregate in aggregates(holder):
        if isinstance(aggregate, exp.Filter):
            aggregate.set("expression", exp.Where(this=every((*rows, aggregate.expression.this))))
        else:
            aggregate.replace(exp.Filter(this=aggregate.copy(), expression=exp.Where(this=every(rows))))
    return holder


def _of_groups(asked: Aggregation, scope: Scope) -> Part:
    """Aggregates over what groups give: each is a subquery; the warehouse works out equal ones once."""
    part = scope.part
    names = {name: exp.column(f"v{number}", quoted=True) for number, name in enumerate(part.values)}
    outer = replace(scope, part=Part("row", names))
    inner = query(part, part.values.values(), scope.table).subquery("groups")

    def worked_out(value: exp.Expr) -> exp.Expr:
        resolved = outer.resolved(value)
        if columns(resolved):
            raise TooMuch
        return exp.select(resolved).from_(inner.copy()).subquery() if aggregates(resolved) else resolved

    values = {name: worked_out(value) for name, value in asked.values.items()}
    return Part("whole", values, tuple(worked_out(condition) for condition in asked.having))


def _of_one(asked: Aggregation, scope: Scope) -> Part:
    """Aggregates over one row, or over none: they leave its values as they are."""
    part = scope.part
    picked = {name: _if(part.where, value, exp.null()) for name, value in part.values.items()}
    picked[ROWS] = _if(part.where, exp.Literal.number(1), exp.Literal.number(0))
    inner = replace(scope, part=replace(part, values=picked))

    def worked_out(value: exp.Expr) -> exp.Expr:
        if columns(value):
            raise TooMuch
        holder = exp.Paren(this=value.copy())
        for aggregate in aggregates(holder):
            aggregate.replace(_of_single(aggregate))
        return inner.resolved(holder)

    values = {name: worked_out(value) for name, value in asked.values.items()}
    return replace(part, values=values, where=tuple(map(worked_out, asked.having)))


def _if(conditions: tuple[exp.Expr, ...], value: exp.Expr, other: exp.Expr) -> exp.Expr:
    one = exp.If(this=every(conditions), true=value.copy())
    return exp.Case(ifs=[one], default=other) if conditions else value


def _of_single(aggregate: exp.Expr) -> exp.Expr:
    if isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Star):
        return exp.column(ROWS[1], quoted=True)
    if not isinstance(aggregate, OF_ONE) or isinstance(aggregate.this, exp.Distinct):
        raise TooMuch
    return exp.paren(aggregate.this.copy())
