"""Computes the parts of each scope of a qualified query, children before parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dryland.sql.ambiguity import also
from dryland.sql.fingerprint import NotUnderstoodError, Text, hash_of, part_of, write
from dryland.sql.inputs import is_generator
from dryland.sql.meaning import ROWS, Part

SET_RETURNING = frozenset(
    """
    generate_series generate_subscripts json_array_elements json_array_elements_text json_each json_each_text
    json_object_keys jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys
    regexp_matches regexp_split_to_table string_to_table unnest range explode posexplode flatten
    """.split()
)
ROW_MAKERS: tuple[type[exp.Expr], ...] = tuple(
    getattr(exp, name)
    for name in ("UDTF", "Explode", "Posexplode", "ExplodingGenerateSeries", "Inline")
    if hasattr(exp, name)
)
SKIPPED = frozenset({"expressions", "with", "with_", "from", "from_", "joins", "laterals", "distinct"})
SAID_ANYWAY = ("INNER", "OUTER")  # `inner join` is `join`, and `left outer join` is `left join`


@dataclass(frozen=True, slots=True)
class ScopeParts:
    """What a scope's reader depends on."""

    rows: Part
    columns: Mapping[str, Part]


class Analysis:
    """One query's scopes; each is computed once."""

    def __init__(self, ids: Mapping[str, str], scopes: Mapping[int, Scope]) -> None:
        self._ids = ids
        self._scopes = scopes  # id of a query expression -> its scope
        self._done: dict[int, ScopeParts] = {}
        self._open: set[int] = set()

    def of(self, scope: Scope) -> ScopeParts:
        """The parts of a scope.

        Raises:
            NotUnderstoodError: the analysis cannot vouch for them.
        """
        key = id(scope)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            raise NotUnderstoodError("a recursive query")
        self._open.add(key)
        parts = self._compute(scope)
        self._open.discard(key)
        self._done[key] = parts
        return parts

    def _compute(self, scope: Scope) -> ScopeParts:
        expression = scope.expression
        if isinstance(expression, exp.SetOperation):
            return self._set_operation(scope, expression)
        if isinstance(expression, exp.Select):
            return _Select(self, scope, expression).parts()
        if isinstance(expression, exp.Subquery):
            return self.of(self._scope_of(expression.unnest()))
        raise NotUnderstoodError(f"{expression.key} as a source")

    def _set_operation(self, scope: Scope, expression: exp.SetOperation) -> ScopeParts:
        if expression.args.get("by_name"):
            raise NotUnderstoodError("a set operation by name")
        left, right = (self.of(child) for child in scope.set_operation_scopes)
        if len(left.columns) != len(right.columns):
            raise NotUnderstoodError("a set operation over different numbers of columns")
        kind = f"{expression.key}:{bool(expression.args.get('distinct'))}"
        pairs = list(zip(left.columns.items(), right.columns.values(), strict=True))
        columns = {name: _joined(kind, a, b) for (name, a), b in pairs}
        keeps_all = isinstance(expression, exp.Union) and not expression.args.get("distinct")
        ordered = [expression.args.get(key) for key in ("order", "limit", "offset")]
        deciding = [] if keeps_all and not any(ordered) else list(columns.values())
        tail = part_of(ordered, lambda _: None)
        return ScopeParts(_joined(kind, left.rows, right.rows, *deciding, tail), columns)

    def input_id(self, table: exp.Table) -> str:
        """The unique id behind a table of the query."""
        extra = [
            key
            for key, value in table.args.items()
            if value and key not in ("this", "alias", "db", "catalog", "sample")
        ]
        if extra or table.name not in self._ids:
            raise NotUnderstoodError(f"a table with {', '.join(extra) or 'no name'}")
        alias = table.args.get("alias")
        if alias is not None and alias.args.get("columns"):
            raise NotUnderstoodError("a table with renamed columns")
        return self._ids[table.name]

    def subquery(self, query: exp.Expr) -> Part:
        """A subquery inside an expression: all that can be asked of it."""
        parts = self.of(self._scope_of(query))
        return _joined("subquery", parts.rows, *parts.columns.values())

    def _scope_of(self, query: exp.Expr) -> Scope:
        found = self._scopes.get(id(query))
        if found is None:
            raise NotUnderstoodError("a subquery in an unusual place")
        return found


class _Select:
    """One SELECT: its sources in their order, its clauses, its projections."""

    def __init__(self, analysis: Analysis, scope: Scope, select: exp.Select) -> None:
        self._analysis = analysis
        self._scope = scope
        self._select = select
        self._ordinals = {name: number for number, name in enumerate(_source_names(select))}
        self._made: dict[str, Part] = {}  # by output name, once known

    def parts(self) -> ScopeParts:
        raw = self._columns()
        self._made = {name: part for name, (part, _) in raw.items()}
        columns = {name: self._with_meant_aliases(part, raw, also(node)) for name, (part, node) in raw.items()}
        return ScopeParts(self._rows(raw, columns), columns)

    def _columns(self) -> dict[str, tuple[Part, exp.Expr]]:
        found: dict[str, tuple[Part, exp.Expr]] = {}
        for projection in self._select.expressions:
            name = projection.alias_or_name.lower()
            if not name or name in found or projection.is_star or projection.find(exp.Star) is projection:
                raise NotUnderstoodError(
                    "a star over columns that are not known"
                    if projection.is_star
                    else "columns without a name of their own"
                )
            node = projection.this if isinstance(projection, exp.Alias) else projection
            found[name] = (part_of([node], self._stand), projection)
        return found

    def _with_meant_aliases(
        self, part: Part, raw: Mapping[str, tuple[Part, exp.Expr]], aliases: frozenset[str]
    ) -> Part:
        """Add what the name may mean besides, with what that may mean in turn."""
        meant: set[str] = set()
        frontier = set(aliases)
        while frontier:
            meant |= frontier
            frontier = {name for alias in frontier if alias in raw for name in also(raw[alias][1])} - meant
        return _joined("also", part, *(raw[name][0] for name in sorted(meant) if name in raw)) if meant else part

    def _rows(self, raw: Mapping[str, tuple[Part, exp.Expr]], columns: Mapping[str, Part]) -> Part:
        text = Text()
        self._write_sources(text)
        for key, value in sorted(self._select.args.items()):
            if key not in SKIPPED and value:
                text.pieces.append(f"{key}=")
                write(value, text, self._stand)
        for part in self._deciding_columns(raw, columns):
            text.add_part(part)
        text.pieces.append(self._aggregation())
        return self._with_meant_aliases(text.part("rows"), raw, also(self._select))

    def _write_sources(self, text: Text) -> None:
        select = self._select
        first = select.args.get("from_") or select.args.get("from")
        for source in [first.this] if first else []:
            self._write_source(source, text)
        for join in select.args.get("joins") or ():
            kind = "" if join.kind in SAID_ANYWAY else join.kind
            text.pieces.append(f"join:{join.method}:{join.side}:{kind}:")
            self._write_source(join.this, text)
            if join.args.get("using"):
                raise NotUnderstoodError("a join USING columns that are not known")
            extra = {"this", "on", "side", "kind", "method", "using"}
            write([value for key, value in sorted(join.args.items()) if key not in extra and value], text, self._stand)
            write(join.args.get("on"), text, self._stand)
        for lateral in select.args.get("laterals") or ():
            self._write_source(lateral, text)

    def _write_source(self, source: exp.Expr, text: Text) -> None:
        name = source.alias_or_name
        meant = self._scope.sources.get(name)
        if isinstance(meant, exp.Table) and is_generator(meant):
            text.add_part(self._generated(meant))
        elif isinstance(meant, exp.Table):
            unique_id = self._analysis.input_id(meant)
            text.pieces.append(f"input:{unique_id};")
            text.reads.add((unique_id, ROWS))
            write(meant.args.get("sample"), text, self._stand)
        elif isinstance(meant, Scope) and isinstance(meant.expression, exp.UDTF):
            text.add_part(self._row_maker(meant))
        elif isinstance(meant, Scope):
            if any(source.args.get(key) for key in ("pivots", "sample", "joins", "laterals")):
                raise NotUnderstoodError("a pivot or sample of a subquery")
            text.add_part(self._analysis.of(meant).rows)
        else:
            raise NotUnderstoodError(f"the source `{name}`")

    def _row_maker(self, scope: Scope) -> Part:
        """VALUES, UNNEST and lateral functions: one part for everything about them."""
        return _joined("udtf", part_of([scope.expression], self._stand_inside))

    def _generated(self, table: exp.Table) -> Part:
        return _joined("generated", part_of([table.this, table.args.get("sample")], self._stand))

    def _deciding_columns(
        self, raw: Mapping[str, tuple[Part, exp.Expr]], columns: Mapping[str, Part]
    ) -> Iterator[Part]:
        """Columns that decide rows: all of them under DISTINCT, and those that make rows."""
        distinct = self._select.args.get("distinct")
        if distinct:
            yield part_of([distinct], self._stand)
            yield from columns.values()
            return
        for name, (_, projection) in raw.items():
            if any(_makes_rows(node) for node in projection.walk()):
                yield columns[name]

    def _aggregation(self) -> str:
        """Without GROUP BY, whether the SELECT gives one row or many depends on its functions alone."""
        if self._select.args.get("group"):
            return "grouped"
        names: set[str] = set()
        for projection in self._select.expressions:
            found, has_bare_column = _outer_functions(projection)
            if has_bare_column:
                return "plain"
            names |= found
        return f"maybe one row: {sorted(names)}" if names else "plain"

    def _stand(self, node: exp.Expr) -> Part | None:
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
            return self._analysis.subquery(node)
        if isinstance(node, exp.Subquery):
            return self._analysis.subquery(node.unnest())
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            raise NotUnderstoodError("a star inside an expression")
        if isinstance(node, exp.Table):
            raise NotUnderstoodError("a table inside an expression")
        return None

    def _stand_inside(self, node: exp.Expr) -> Part | None:
        """As `_stand`, for a source that may refer to the sources before it; its own names do not count."""
        if isinstance(node, exp.TableAlias):
            return Part(hash_of("alias", *(column.name for column in node.args.get("columns") or ())))
        return self._stand(node)

    def _column(self, column: exp.Column) -> Part:
        scope: Scope | None = self._scope
        ordinals, depth = self._ordinals, 0
        while scope is not None:
            source = scope.sources.get(column.table)
            if source is not None and column.table in ordinals:
                return self._column_of(source, column, f"{depth}.{ordinals[column.table]}")
            scope, depth = scope.parent, depth + 1
            if scope is not None and isinstance(scope.expression, exp.Select):
                ordinals = {name: number for number, name in enumerate(_source_names(scope.expression))}
        name = column.name.lower()
        if name in self._made and not column.table and isinstance(column.parent, exp.Ordered):
            return self._made[name]  # a bare name after ORDER BY is an output column first
        raise NotUnderstoodError(f"the column `{column.sql()}`, whose table is not known")

    def _column_of(self, source: exp.Expr | Scope, column: exp.Column, where: str) -> Part:
        name = column.name.lower()
        if isinstance(source, exp.Table) and is_generator(source):
            alias = source.args.get("alias")
            names = [each.name.lower() for each in alias.args.get("columns") or ()] if alias else []
            place = str(names.index(name)) if name in names else name
            return Part(hash_of("generated", where, place, self._generated(source).hash))
        if isinstance(source, exp.Table):
            unique_id = self._analysis.input_id(source)
            return Part(hash_of("column", where, unique_id, name), frozenset({(unique_id, name)}))
        if not isinstance(source, Scope):
            raise NotUnderstoodError(f"{source.key} as a source")
        if isinstance(source.expression, exp.UDTF):
            part = self._row_maker(source)
            return Part(hash_of("made", where, name, part.hash), part.reads)
        found = self._analysis.of(source).columns.get(name)
        if found is None:
            raise NotUnderstoodError(f"the column `{column.sql()}` of a subquery that does not have it")
        return Part(hash_of("of", where, found.hash), found.reads)


def _source_names(select: exp.Select) -> Iterator[str]:
    first = select.args.get("from_") or select.args.get("from")
    if first is not None:
        yield first.this.alias_or_name
    for join in select.args.get("joins") or ():
        yield join.this.alias_or_name
    for lateral in select.args.get("laterals") or ():
        yield lateral.alias_or_name


def _makes_rows(node: exp.Expr) -> bool:
    if isinstance(node, ROW_MAKERS):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in SET_RETURNING


def _outer_functions(projection: exp.Expr) -> tuple[set[str], bool]:
    """Names of functions that may aggregate, and whether a column stands outside all of them."""
    names: set[str] = set()
    stack = [projection]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Query):
            continue
        if isinstance(node, exp.Column):
            return names, True
        if isinstance(node, exp.AggFunc | exp.Anonymous | exp.AnonymousAggFunc) and not isinstance(
            node.parent, exp.Window
        ):
            names.add(str(node.this).lower() if isinstance(node, exp.Anonymous) else node.key)
            continue
        stack.extend(node.iter_expressions())
    return names, False


def _joined(kind: str, *parts: Part) -> Part:
    reads = frozenset().union(*(part.reads for part in parts)) if parts else frozenset()
    return Part(hash_of(kind, *(part.hash for part in parts)), reads)
