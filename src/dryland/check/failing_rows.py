"""Understands a test's query: which rows of its table fail, or what of the table as a whole does.

Tests are queries for failing rows, written in layers by macros. Where all layers only pick rows and work out columns
of one table, the query says no more than a condition on its rows, and the count of those can share a scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from dryland.errors import DrylandError
from dryland.sql.parse import parse_query
from dryland.sql.volatile import volatile_functions

TOO_MUCH = (
    "distinct",
    "limit",
    "offset",
    "group",
    "qualify",
    "joins",
    "laterals",
    "windows",
    "sample",
    "pivots",
    "into",
)
"""What a layer must not have: with these it does more than picking rows."""

MORE = (exp.Query, exp.Window, exp.Placeholder, exp.Star, exp.UDTF, exp.Explode)
"""What an expression must not have: it is worked out of more than one row, or makes several."""


@dataclass(frozen=True, slots=True)
class Failing:
    """What a query gives: the rows for which `condition` holds, or one row if it holds for the table as a whole."""

    condition: exp.Expr  # over the table's columns, or over aggregates of them
    is_whole: bool = False


def failing_rows(sql: str, dialect: str, table: str, columns: Iterable[str]) -> Failing | None:
    """What a test asks of `table` (its name as it stands in `sql`); None when it asks more than one scan can tell.

    `columns` are the table's.
    """
    try:
        tree = parse_query(sql, dialect)
        if volatile_functions(tree):
            return None
        own = {name.lower(): exp.column(name, quoted=True) for name in columns}
        return _Reader(exp.to_table(table, dialect=dialect), own).failing(tree)
    except (DrylandError, _TooMuch):
        return None


class _TooMuch(Exception):  # noqa: N818 - control flow, not an error: the query is asked by itself then
    """The query does more than picking rows."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one layer of a query gives: values by name, and for which rows."""

    values: Mapping[str, exp.Expr]  # by lower-case name
    where: tuple[exp.Expr, ...] = ()
    is_whole: bool = False  # values are aggregates of the whole table: there is one row


Ctes = Mapping[str, _Layer]


@dataclass(frozen=True, slots=True)
class _Reader:
    table: exp.Table
    columns: Mapping[str, exp.Expr]

    def failing(self, tree: exp.Query) -> Failing:
        layer = self._layer(tree, {})
        condition = exp.and_(*layer.where, copy=False) if layer.where else exp.true()
        return Failing(condition, layer.is_whole)

    def _layer(self, query: exp.Expr, known: Ctes) -> _Layer:
        if isinstance(query, exp.Subquery) and not query.args.get("sample"):
            return self._layer(query.this, known)
        if not isinstance(query, exp.Select) or any(query.args.get(key) for key in TOO_MUCH):
            raise _TooMuch
        ctes = dict(known)
        for cte in query.ctes:
            ctes[_alias(cte)] = self._layer(cte.this, ctes)
        source, names = self._source(query, ctes)
        scope = _Scope(source, names)
        where = [scope.resolved(query.args["where"].this)] if query.args.get("where") else []
        values = self._values(query, scope)
        if any(_has_aggregate(value) for value in values.values() if not scope.is_given(value)):
            return _whole(source, values, where, self._having(query, scope))
        if query.args.get("having"):
            raise _TooMuch
        return _Layer(values, (*source.where, *where), source.is_whole)

    def _having(self, query: exp.Select, scope: _Scope) -> list[exp.Expr]:
        having = query.args.get("having")
        return [scope.resolved(having.this)] if having else []

    def _source(self, query: exp.Select, ctes: Ctes) -> tuple[_Layer, frozenset[str]]:
        """What the layer reads, and the names by which it may call that."""
        found = query.args.get("from_") or query.args.get("from")
        if found is None:
            raise _TooMuch
        read = found.this
        if isinstance(read, exp.Subquery):
            return self._layer(read, ctes), frozenset({_alias(read)})
        if not isinstance(read, exp.Table) or any(read.args.get(key) for key in ("joins", "sample", "pivots", "when")):
            raise _TooMuch
        names = frozenset({_alias(read) or read.name.lower()})
        if not read.db and read.name.lower() in ctes:
            return ctes[read.name.lower()], names
        if _parts(read) != _parts(self.table):
            raise _TooMuch
        return _Layer(self.columns), names

    def _values(self, query: exp.Select, scope: _Scope) -> dict[str, exp.Expr]:
        values: dict[str, exp.Expr] = {}
        for number, projection in enumerate(query.expressions):
            if isinstance(projection, exp.Star) and not any(projection.args.values()):
                values |= scope.source.values
            elif isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
                raise _TooMuch
            else:
                values[(projection.alias_or_name or f"#{number}").lower()] = scope.resolved(projection.unalias())
        return values


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names mean within one layer."""

    source: _Layer
    names: frozenset[str]

    def resolved(self, tree: exp.Expr) -> exp.Expr:
        """The expression over the table's own columns."""
        if any(not _is_counting(each) for each in tree.find_all(*MORE)):
            raise _TooMuch
        holder = exp.Paren(this=tree.copy())
        for column in list(holder.find_all(exp.Column)):
            column.replace(self._meant(column))
        return holder.this if isinstance(holder.this, exp.Column) else holder

    def is_given(self, value: exp.Expr) -> bool:
        """Whether a value comes from the layer below as it is."""
        return any(value is each for each in self.source.values.values())

    def _meant(self, column: exp.Column) -> exp.Expr:
        value = self.source.values.get(column.name.lower())
        if value is None or column.db or (column.table and column.table.lower() not in self.names):
            raise _TooMuch
        return value.copy() if isinstance(value, exp.Column) else exp.paren(value.copy())


def _alias(tree: exp.Expr) -> str:
    """The name that a layer has; one that renames its columns as well is not looked into."""
    alias = tree.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        raise _TooMuch
    return str(tree.alias).lower()


def _whole(
    source: _Layer, values: Mapping[str, exp.Expr], where: list[exp.Expr], having: list[exp.Expr]
) -> _Layer:  # fmt: skip
    """Aggregates over the rows that the layers below have picked."""
    if source.is_whole:
        raise _TooMuch
    rows = [*source.where, *where]
    for value in (*values.values(), *having):
        if _is_mixed(value):
            raise _TooMuch
    return _Layer(
        {name: _of_rows(value, rows) for name, value in values.items()},
        tuple(_of_rows(condition, rows) for condition in having), is_whole=True,
    )  # fmt: skip


def _of_rows(value: exp.Expr, rows: list[exp.Expr]) -> exp.Expr:
    """The aggregates of a value over some of the rows only."""
    if not rows:
        return value
    holder = exp.Paren(this=value.copy())
    for aggregate in [each for each in holder.find_all(exp.AggFunc) if not each.find_ancestor(exp.AggFunc)]:
        if isinstance(aggregate.parent, exp.Filter):
            raise _TooMuch
        picked = exp.Where(this=exp.and_(*(row.copy() for row in rows), copy=False))
        aggregate.replace(exp.Filter(this=aggregate.copy(), expression=picked))
    return holder


def _has_aggregate(value: exp.Expr) -> bool:
    return value.find(exp.AggFunc) is not None


def _is_mixed(value: exp.Expr) -> bool:
    """Whether a column stands outside of an aggregate."""
    return any(column.find_ancestor(exp.AggFunc) is None for column in value.find_all(exp.Column))


def _is_counting(tree: exp.Expr) -> bool:
    """Whether it is the star of `count(*)`."""
    return isinstance(tree, exp.Star) and isinstance(tree.parent, exp.Count)


def _parts(table: exp.Table) -> tuple[str, str, str]:
    return table.catalog.lower(), table.db.lower(), table.name.lower()
