"""Computes the parts of one SELECT: its sources in their order, its clauses, its projections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dryland.sql.ambiguity import also
from dryland.sql.fingerprint import NotUnderstoodError, Text, joined, part_of, write
from dryland.sql.meaning import Part
from dryland.sql.references import References, ScopeParts, Surroundings
from dryland.sql.row_count import aggregation, counts_all_columns, makes_rows

SKIPPED = frozenset({"expressions", "with_", "from_", "joins", "laterals", "distinct"})  # written elsewhere
SAID_ANYWAY = ("INNER", "OUTER")  # `inner join` is `join`, and `left outer join` is `left join`
OF_JOIN = frozenset({"this", "on", "side", "kind", "method", "using"})

Raw = Mapping[str, tuple[Part, exp.Expr]]
"""By output name: the part of a projection as it stands, and the projection."""


def select_parts(around: Surroundings, scope: Scope, select: exp.Select) -> ScopeParts:
    """The parts of a SELECT.

    Raises:
        NotUnderstoodError: the analysis cannot vouch for them.
    """
    return _Select(around, scope, select).parts()


class _Select:
    def __init__(self, around: Surroundings, scope: Scope, select: exp.Select) -> None:
        self._select = select
        self._references = References(around, scope, select)
        self._stand = self._references.stand

    def parts(self) -> ScopeParts:
        raw = self._columns()
        self._references.made = {name: part for name, (part, _) in raw.items()}
        columns = {name: _with_meant_aliases(part, raw, also(node)) for name, (part, node) in raw.items()}
        return ScopeParts(self._rows(raw, columns), columns)

    def _columns(self) -> Raw:
        found: dict[str, tuple[Part, exp.Expr]] = {}
        for projection in self._select.expressions:
            name = projection.alias_or_name.lower()
            if projection.is_star:
                raise NotUnderstoodError("a star over columns that are not known")
            if not name or name in found:
                what = f"two columns called `{name}`" if name else "columns without a name of their own"
                raise NotUnderstoodError(what)
            node = projection.this if isinstance(projection, exp.Alias) else projection
            found[name] = (part_of([node], self._stand), projection)
        return found

    def _rows(self, raw: Raw, columns: Mapping[str, Part]) -> Part:
        text = Text()
        self._write_sources(text)
        for key, value in sorted(self._select.args.items()):
            if key not in SKIPPED and value:
                text.pieces.append(f"{key}=")
                write(value, text, self._stand)
        for part in self._deciding_columns(columns):
            text.add_part(part)
        text.pieces.append(aggregation(self._select, self._references.ordinals))
        return _with_meant_aliases(text.part("rows"), raw, also(self._select))

    def _write_sources(self, text: Text) -> None:
        first = self._select.args.get("from_")
        if first is not None:
            self._references.write_source(first.this, text)
        for join in self._select.args.get("joins") or ():
            self._write_join(join, text)
        for lateral in self._select.args.get("laterals") or ():
            self._references.write_source(lateral, text)

    def _write_join(self, join: exp.Join, text: Text) -> None:
        kind = "" if join.kind in SAID_ANYWAY else join.kind
        text.pieces.append(f"join:{join.method}:{join.side}:{kind}:")
        self._references.write_source(join.this, text)
        if join.args.get("using"):
            raise NotUnderstoodError("a join USING columns that are not known")
        rest = [value for key, value in sorted(join.args.items()) if key not in OF_JOIN and value]
        write(rest, text, self._stand)
        write(join.args.get("on"), text, self._stand)

    def _deciding_columns(self, columns: Mapping[str, Part]) -> Iterator[Part]:
        """Columns that decide rows: sometimes all of them, and always those that make rows."""
        if counts_all_columns(self._select):
            yield part_of([self._select.args.get("distinct")], self._stand)
            yield from columns.values()
            return
        for (_, part), projection in zip(columns.items(), self._select.expressions, strict=True):
            if makes_rows(projection):
                yield part


def _with_meant_aliases(part: Part, raw: Raw, aliases: frozenset[str]) -> Part:
    """Add what a name may mean besides, with what that may mean in turn."""
    meant: set[str] = set()
    frontier = set(aliases)
    while frontier:
        meant |= frontier
        frontier = {name for alias in frontier if alias in raw for name in also(raw[alias][1])} - meant
    return joined("also", part, *(raw[name][0] for name in sorted(meant) if name in raw)) if meant else part
