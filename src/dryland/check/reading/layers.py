"""Reads a query layer by layer, from its innermost select out, as parts of the tables that it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from dryland.check.reading.aggregates import Aggregation, aggregated
from dryland.check.reading.joins import Join, joined
from dryland.check.reading.part import Layer, Name, Part, TooMuch, aggregates, bare, is_possible, only
from dryland.check.reading.scope import Scope
from dryland.check.reading.unions import combined, distinct, unified
from dryland.values import dataclass

UNDERSTOOD: Mapping[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset("with_ expressions from_ joins where group having distinct order".split()),
    exp.SetOperation: frozenset("with_ this expression distinct order".split()),
    exp.Subquery: frozenset("with_ this alias order".split()),
    exp.Values: frozenset("expressions alias".split()),
    exp.Table: frozenset("this db catalog alias".split()),
    exp.Join: frozenset("this side kind on".split()),
    exp.Group: frozenset(["expressions"]),
}
"""What these may have: with anything else they depend on an order, or do more than is read here."""

Ctes = Mapping[str, Layer]
NOTHING: Layer = (Part("whole", {}),)  # what a select without a source reads: one row without columns


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a query may read, by name as it stands there; all in lower case."""

    scanned: exp.Table
    parts: Mapping[tuple[str, str, str], Part]
    has_rows_of_functions: bool = False  # of functions that the parser does not know

    def layer(self, tree: exp.Expr, known: Ctes) -> Layer:
        """What a query comes to.

        Raises:
            TooMuch: it is more than these parts can say.
        """
        _verify_understood(tree)
        if isinstance(tree, exp.Subquery):
            return self.layer(tree.this, self._with_ctes(tree, known))
        if isinstance(tree, exp.Values):
            return self._constants(tree, known)
        if isinstance(tree, exp.SetOperation):
            return self._combined(tree, self._with_ctes(tree, known))
        if isinstance(tree, exp.Select):
            return self._selected(tree, self._with_ctes(tree, known))
        raise TooMuch

    def _with_ctes(self, tree: exp.Expr, known: Ctes) -> Ctes:
        ctes = dict(known)
        for cte in tree.args["with_"].expressions if tree.args.get("with_") else ():
            ctes[cte.alias.lower()] = _renamed(self.layer(cte.this, ctes), cte)
        return ctes

    def _constants(self, tree: exp.Values, known: Ctes) -> Layer:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in tree.expressions]
        return unified(self._selected(exp.select(*(_as_named(row)), copy=False), known) for row in rows)

    def _combined(self, tree: exp.SetOperation, ctes: Ctes) -> Layer:
        sides = self.layer(tree.left, ctes), self.layer(tree.right, ctes)
        if tree.args.get("distinct"):
            return combined(type(tree), *sides, self.scanned)
        if isinstance(tree, exp.Union):
            return unified(sides)
        raise TooMuch

    def _selected(self, tree: exp.Select, ctes: Ctes) -> Layer:
        if self.has_rows_of_functions and any(each.find(exp.Anonymous) for each in tree.expressions):
            raise TooMuch
        where = [tree.args["where"].this] if tree.args.get("where") else []
        found: list[Part] = []
        for part in self._source(tree, ctes):
            scope = self._scope(part, ctes)
            picked = part.within(scope.resolved(each) for each in where)
            if is_possible(picked):
                found.append(picked)
        if _is_aggregating(tree):
            scope = self._scope(only(tuple(found)), ctes)
            layer: Layer = (aggregated(_aggregation(tree, scope), scope),)
        else:
            layer = tuple(replace(part, values=_values(tree, self._scope(part, ctes))) for part in found)
        if tree.args.get("distinct") and tree.args["distinct"].args.get("on"):
            raise TooMuch
        return distinct(layer) if tree.args.get("distinct") else layer

    def _scope(self, part: Part, ctes: Ctes) -> Scope:
        return Scope(part, lambda query: self.layer(query, ctes), self.scanned)

    def _source(self, tree: exp.Select, ctes: Ctes) -> Layer:
        """What the layer reads: one source, or several side by side."""
        found = tree.args.get("from_")
        layer = self._read(found.this, ctes) if found else NOTHING
        for join in tree.args.get("joins") or ():
            layer = self._joined(layer, join, ctes)
        return layer

    def _joined(self, left: Layer, join: exp.Join, ctes: Ctes) -> Layer:
        _verify_understood(join)
        kind = (join.side or join.kind or "inner").lower()
        kind = "inner" if kind == "cross" else kind
        is_outer = kind in ("left", "right", "full") and join.kind in ("", "OUTER")
        if not is_outer and kind not in ("inner", "semi", "anti"):
            raise TooMuch
        on = join.args.get("on") or exp.true()

        def resolved(values: Mapping[Name, exp.Expr]) -> exp.Expr:
            return self._scope(Part("row", values), ctes).resolved(on)

        right = self._read(join.this, ctes)
        if left and right and {alias for alias, _ in left[0].values} & {alias for alias, _ in right[0].values}:
            raise TooMuch
        return joined(left, right, Join(kind, resolved, self.scanned))

    def _read(self, tree: exp.Expr, ctes: Ctes) -> Layer:
        if isinstance(tree, exp.Subquery | exp.Values):
            return _called(_renamed(self.layer(tree, ctes), tree), tree.alias)
        if not isinstance(tree, exp.Table):
            raise TooMuch
        _verify_understood(tree)
        if not tree.db and tree.name.lower() in ctes:
            layer = ctes[tree.name.lower()]
        elif (part := self.parts.get(table_key(tree))) is not None:
            layer = (part,)
        else:
            raise TooMuch
        return _called(_renamed(layer, tree), tree.alias or tree.name)


def _verify_understood(tree: exp.Expr) -> None:
    known = next((names for kind, names in UNDERSTOOD.items() if isinstance(tree, kind)), frozenset())
    if not {name for name, value in tree.args.items() if value} <= known:
        raise TooMuch


def table_key(table: exp.Table) -> tuple[str, str, str]:
    """What tells a table from others: database, schema and name."""
    return table.catalog.lower(), table.db.lower(), table.name.lower()


def _called(layer: Layer, alias: str) -> Layer:
    """The layer under the name by which it is read."""
    named = [{(alias.lower(), name): value for (_, name), value in part.values.items()} for part in layer]
    return tuple(replace(part, values=values) for part, values in zip(layer, named, strict=True))


def _renamed(layer: Layer, tree: exp.Expr) -> Layer:
    """The layer with the names of columns that stand after its alias: for all of them, or for none."""
    alias = tree.args.get("alias")
    names = [name.name.lower() for name in (alias.args.get("columns") or () if alias else ())]
    if not names:
        return layer
    if any(len(part.values) != len(names) for part in layer):
        raise TooMuch
    return tuple(replace(part, values=_each(zip(names, part.values.values(), strict=True))) for part in layer)


def _each(named: Iterable[tuple[str, exp.Expr]]) -> dict[Name, exp.Expr]:
    """Values by name, in order; of a name that stands for several nobody may speak."""
    pairs = list(named)
    names = [name for name, _ in pairs]
    return {
        ("", name if names.count(name) == 1 else f"{name}#{at}"): value for at, (name, value) in enumerate(pairs)
    }  # fmt: skip


def _is_aggregating(tree: exp.Select) -> bool:
    return bool(tree.args.get("group") or tree.args.get("having") or any(map(aggregates, tree.expressions)))


def _values(tree: exp.Select, scope: Scope) -> dict[Name, exp.Expr]:
    """What the layer gives, by name."""
    named: list[tuple[str, exp.Expr]] = []
    for number, projection in enumerate(tree.expressions):
        if (star := _star(projection)) is not None:
            named += [(name, value) for (alias, name), value in scope.part.values.items() if star in ("", alias)]
        else:
            named.append((_name(projection, number), _typed(scope.resolved(projection.unalias()))))
    return _each(named)


def _star(projection: exp.Expr) -> str | None:
    """Whose columns a star stands for: empty is all; None is no star."""
    star = projection.this if isinstance(projection, exp.Column) else projection
    if not isinstance(star, exp.Star):
        return None
    if any(star.args.values()):
        raise TooMuch
    return projection.table.lower() if isinstance(projection, exp.Column) else ""


def _name(projection: exp.Expr, number: int) -> str:
    return (projection.alias_or_name or f"#{number}").lower()


def _typed(value: exp.Expr) -> exp.Expr:
    """Text that is written out, as what a column of it is: a literal takes on the type of what it is compared with."""
    tree = value.unnest()
    return exp.cast(tree, "TEXT") if isinstance(tree, exp.Literal) and tree.is_string else value


def _aggregation(tree: exp.Select, scope: Scope) -> Aggregation:
    if any(_star(projection) is not None for projection in tree.expressions):
        raise TooMuch
    written = [(_name(each, number), each.unalias()) for number, each in enumerate(tree.expressions)]
    group, having = tree.args.get("group"), tree.args.get("having")
    if group:
        _verify_understood(group)
    known = {name for _, name in scope.part.values}
    aliases = {name: value for name, value in written if name not in known}
    keys = [_key(key, written, aliases) for key in (group.expressions if group else ())]
    conditions = [_unaliased(having.this, aliases)] if having else []
    return Aggregation(tuple(keys), bool(group), _each(written), tuple(conditions))


def _key(key: exp.Expr, written: list[tuple[str, exp.Expr]], aliases: Mapping[str, exp.Expr]) -> exp.Expr:
    """What a key of groups stands for: the number of a column, its name, or an expression."""
    if isinstance(key, exp.Literal) and key.is_int:
        if not 1 <= int(key.this) <= len(written):
            raise TooMuch
        return written[int(key.this) - 1][1]
    if isinstance(key, exp.Literal | exp.GroupingSets | exp.Rollup | exp.Cube | exp.Tuple):
        raise TooMuch
    return _unaliased(key, aliases)


def _unaliased(tree: exp.Expr, aliases: Mapping[str, exp.Expr]) -> exp.Expr:
    """With what the layer itself calls by a name that its sources do not have."""
    holder = exp.Paren(this=tree.copy())
    for column in list(holder.find_all(exp.Column)):
        if not column.table and column.name.lower() in aliases:
            column.replace(bare(aliases[column.name.lower()]))
    return bare(holder)


def _as_named(row: list[exp.Expr]) -> list[exp.Expr]:
    """Columns of `values` have names that warehouses choose."""
    return [value.copy().as_(f"#{at}") for at, value in enumerate(row)]
