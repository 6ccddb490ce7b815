"""Says what a column, a subquery or a source stands for inside one SELECT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeGuard

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dryland.sql.ambiguity import is_same_column
from dryland.sql.fingerprint import NotUnderstoodError, Text, joined, part_of, write
from dryland.sql.inputs import is_generator
from dryland.sql.meaning import ROWS, WHOLE, Part, hash_of
from dryland.values import dataclass

BY_OTHER_MEANS: tuple[type[exp.Expr], ...] = tuple(
    getattr(exp, name)
    for name in ("Columns", "Parameter", "Placeholder", "PositionalColumn", "TableColumn")
    if hasattr(exp, name)
)
"""Ways to read a column, or a whole row, or a value from outside, without the column's name."""
OF_GENERATOR = frozenset({"this", "alias", "sample", "db", "catalog"})


@dataclass(frozen=True, slots=True)
class ScopeParts:
    """What a scope's reader depends on."""

    rows: Part
    columns: Mapping[str, Part]


class Surroundings(Protocol):
    """What a SELECT asks of the query that it is a part of."""

    def of(self, scope: Scope) -> ScopeParts:
        """The parts of a scope."""

    def subquery(self, query: exp.Expr, *, with_names: bool = False) -> Part:
        """A subquery inside an expression: all that can be asked of it, perhaps by the names of its columns."""

    def input_id(self, table: exp.Table) -> str:
        """The unique id behind a table."""

    def knows_all(self) -> bool:
        """Whether the columns of all inputs are known, so that a name that is none of them means something else."""

    def verify_column(self, unique_id: str, name: str) -> None:
        """See that an input has such a column."""


class References:
    """The names in one SELECT. Sources count by their place, so that their names vanish."""

    def __init__(self, around: Surroundings, scope: Scope, select: exp.Select) -> None:
        self._around = around
        self._scope = scope
        self.ordinals = {name: number for number, name in enumerate(source_names(select))}
        self.made: Mapping[str, Part] = {}  # by output name, once known
        self._passed_on = {each.alias_or_name.lower() for each in select.expressions if is_same_column(each)}

    def stand(self, node: exp.Expr) -> Part | None:
        """The part of what has one of its own; None when the node is written out."""
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Query):
            return self._around.subquery(node)
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            raise NotUnderstoodError("a star inside an expression")
        if isinstance(node, exp.Table):
            raise NotUnderstoodError("a table inside an expression")
        if isinstance(node, exp.TableColumn) and self._around.knows_all():
            return self._column(exp.column(node.name))
        if isinstance(node, BY_OTHER_MEANS):
            raise NotUnderstoodError(f"`{node.sql()}`, which does not name what it reads")
        return None

    def write_source(self, source: exp.Expr, text: Text) -> None:
        """Write which rows a source in FROM or JOIN brings."""
        meant = self._scope.sources.get(source.alias_or_name)
        if isinstance(meant, exp.Table) and is_generator(meant):
            text.add_part(self._generated(meant))
        elif isinstance(meant, exp.Table):
            unique_id = self._around.input_id(meant)
            text.pieces.append(f"input:{unique_id};")
            text.reads.add((unique_id, ROWS))
            write(meant.args.get("sample"), text, self.stand)
        elif isinstance(meant, Scope) and isinstance(meant.expression, exp.UDTF):
            text.add_part(self._row_maker(meant))
        elif isinstance(meant, Scope):
            if any(source.args.get(key) for key in ("pivots", "sample", "joins", "laterals")):
                raise NotUnderstoodError("a pivot or sample of a subquery")
            text.add_part(self._around.of(meant).rows)
        else:
            name = source.alias_or_name
            raise NotUnderstoodError(f"the source `{name}`" if name else "tables joined in parentheses")

    def _column(self, column: exp.Column) -> Part:
        scope: Scope | None = self._scope
        ordinals, depth = self.ordinals, 0
        while scope is not None:
            source = scope.sources.get(column.table)
            if source is not None and column.table in ordinals:
                return self._column_of(source, column, f"{depth}.{ordinals[column.table]}")
            scope, depth = scope.parent, depth + 1
            if scope is not None and isinstance(scope.expression, exp.Select):
                ordinals = {name: number for number, name in enumerate(source_names(scope.expression))}
        name = column.name.lower()
        made = self._scope.sources.get(name)
        if not column.table and name in self.ordinals and _is_made(made) and self._around.knows_all():
            return self._column_of(made, column, f"row.{self.ordinals[name]}")  # what a function gives, by its name
        if not column.table and name in self.ordinals and isinstance(made, exp.Table) and self._around.knows_all():
            return self._whole_row(made, name)
        is_output = isinstance(column.parent, exp.Ordered) or name in self._passed_on
        if name in self.made and not column.table and is_output:
            return self.made[name]  # a bare name after ORDER BY is an output column first; `t.a as a` is both
        raise NotUnderstoodError(f"the column `{column.sql()}`, whose table is not known")

    def _whole_row(self, table: exp.Table, name: str) -> Part:
        """A row as one value, with all its columns and their names."""
        unique_id = self._around.input_id(table)
        return Part(hash_of("row", str(self.ordinals[name]), unique_id), frozenset({(unique_id, WHOLE)}))

    def _column_of(self, source: exp.Expr | Scope, column: exp.Column, where: str) -> Part:
        name = column.name.lower()
        if isinstance(source, exp.Table) and is_generator(source):
            alias = source.args.get("alias")
            names = [each.name.lower() for each in alias.args.get("columns") or ()] if alias else []
            place = str(names.index(name)) if name in names else name
            part = self._generated(source)
            return Part(hash_of("generated", where, place, part.hash), part.reads)
        if isinstance(source, exp.Table):
            unique_id = self._around.input_id(source)
            self._around.verify_column(unique_id, name)
            return Part(hash_of("column", where, unique_id, name), frozenset({(unique_id, name)}))
        if not isinstance(source, Scope):
            raise NotUnderstoodError(f"{source.key} as a source")
        if isinstance(source.expression, exp.UDTF):
            part = self._row_maker(source)
            return Part(hash_of("made", where, name, part.hash), part.reads)
        found = self._around.of(source).columns.get(name)
        if found is None:
            raise NotUnderstoodError(f"the column `{column.sql()}` of a subquery that does not have it")
        return Part(hash_of("of", where, found.hash), found.reads)

    def _row_maker(self, scope: Scope) -> Part:
        """VALUES, UNNEST and lateral functions: one part for everything about them."""
        return joined("udtf", part_of([scope.expression], self._stand_inside))

    def _generated(self, table: exp.Table) -> Part:
        part = part_of([table.this, table.args.get("sample")], self.stand)
        more = [value for key, value in sorted(table.args.items()) if value and key not in OF_GENERATOR]
        alias = table.args.get("alias")
        more += [each for each in (alias.args.get("columns") or () if alias else ()) if isinstance(each, exp.ColumnDef)]
        return joined("generated", part, part_of(more, self.stand)) if more else joined("generated", part)

    def _stand_inside(self, node: exp.Expr) -> Part | None:
        """As `stand`, for a source whose columns are told apart by their names alone; its own name does not count."""
        if isinstance(node, exp.TableAlias):
            columns = node.args.get("columns") or ()
            kinds = [each.args["kind"].sql() for each in columns if isinstance(each, exp.ColumnDef)]
            return Part(hash_of("alias", *(column.name for column in columns), *kinds))
        if isinstance(node, exp.Query):
            return self._around.subquery(node, with_names=True)
        return self.stand(node)


def _is_made(source: exp.Expr | Scope | None) -> TypeGuard[exp.Expr | Scope]:
    """Whether a function makes its rows."""
    if isinstance(source, Scope):
        return isinstance(source.expression, exp.UDTF)
    return isinstance(source, exp.Table) and is_generator(source)


def source_names(select: exp.Select) -> Iterator[str]:
    """The names of everything in FROM, in order."""
    first = select.args.get("from_")
    if first is not None:
        yield first.this.alias_or_name
    for join in select.args.get("joins") or ():
        yield join.this.alias_or_name
    for lateral in select.args.get("laterals") or ():
        yield lateral.alias_or_name
