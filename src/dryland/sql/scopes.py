"""Computes the parts of each scope of a qualified query, children before parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dryland.sql.fingerprint import NotUnderstoodError, joined, part_of
from dryland.sql.meaning import Part
from dryland.sql.postgres_words import SYSTEM_COLUMNS
from dryland.sql.references import ScopeParts
from dryland.sql.row_count import counts_all_columns
from dryland.sql.select import select_parts

OF_TABLE = frozenset({"this", "alias", "db", "catalog", "sample"})
OF_SET_OPERATION = frozenset({"this", "expression", "with_", "distinct"})
TAIL = ("order", "limit", "offset")


class Analysis:
    """One query's scopes; each is computed once."""

    def __init__(
        self,
        ids: Mapping[str, str],
        scopes: Mapping[int, Scope],
        strict: Mapping[str, Sequence[str] | None] | None = None,
    ) -> None:
        """`strict`: columns of inputs, where `t.a` may be something else than a column, and `t` is a row."""
        self._ids = ids
        self._strict = strict
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

    def subquery(self, query: exp.Expr, *, with_names: bool = False) -> Part:
        """A subquery inside an expression: all that can be asked of it, perhaps by the names of its columns."""
        parts = self.of(self._scope_of(query))
        kind = f"subquery:{list(parts.columns)}" if with_names else "subquery"
        return joined(kind, parts.rows, *parts.columns.values())

    def input_id(self, table: exp.Table) -> str:
        """The unique id behind a table of the query."""
        extra = [key for key, value in table.args.items() if value and key not in OF_TABLE]
        if extra:
            raise NotUnderstoodError(f"a table with {', '.join(extra)}")
        name = table.name.lower()  # as it was given; dialects may have folded it
        if name not in self._ids:
            raise NotUnderstoodError(f"the table function `{table.this.sql()}`, which reads what stands around it")
        alias = table.args.get("alias")
        if alias is not None and alias.args.get("columns"):
            raise NotUnderstoodError("a table with renamed columns")
        return self._ids[name]

    def knows_all(self) -> bool:
        """Whether a name that is no column of any input is known to mean something else."""
        return self._strict is not None and all(self._strict.values())

    def verify_column(self, unique_id: str, name: str) -> None:
        """See that a column is one: `t.upper` may call a function, and `ctid` is where a row is.

        Raises:
            NotUnderstoodError: it is none.
        """
        if self._strict is not None:
            known = self._strict.get(unique_id)
            if name in SYSTEM_COLUMNS or (known and name not in known):
                raise NotUnderstoodError(f"`{name}`, which is no column of its table")

    def _compute(self, scope: Scope) -> ScopeParts:
        expression = scope.expression
        if isinstance(expression, exp.SetOperation):
            return self._set_operation(scope, expression)
        if isinstance(expression, exp.Select):
            return select_parts(self, scope, expression)
        if isinstance(expression, exp.Subquery):
            return self.of(self._scope_of(expression))
        raise NotUnderstoodError(f"{expression.key} as a source")

    def _set_operation(self, scope: Scope, expression: exp.SetOperation) -> ScopeParts:
        extra = [key for key, value in expression.args.items() if value and key not in (*OF_SET_OPERATION, *TAIL)]
        if extra:
            raise NotUnderstoodError(f"a set operation with {', '.join(extra)}")
        left, right = (self.of(child) for child in scope.set_operation_scopes)
        if len(left.columns) != len(right.columns):
            raise NotUnderstoodError("a set operation over different numbers of columns")
        kind = f"{expression.key}:{bool(expression.args.get('distinct'))}"
        pairs = list(zip(left.columns.items(), right.columns.values(), strict=True))
        columns = {name: joined(kind, a, b) for (name, a), b in pairs}
        keeps_all = isinstance(expression, exp.Union) and not counts_all_columns(expression)
        tail = [expression.args.get(key) for key in TAIL]
        deciding = [] if keeps_all and not any(tail) else list(columns.values())
        return ScopeParts(joined(kind, left.rows, right.rows, *deciding, _tail_part(tail, columns)), columns)

    def _scope_of(self, query: exp.Expr) -> Scope:
        found = self._scopes.get(id(query.unnest()))
        if found is None:
            raise NotUnderstoodError("a subquery in an unusual place")
        return found


def _tail_part(tail: list[exp.Expr | None], columns: Mapping[str, Part]) -> Part:
    """ORDER BY and LIMIT of a set operation, where only names of output columns and places can stand."""

    def stand(node: exp.Expr) -> Part | None:
        if isinstance(node, exp.Column):
            if node.table or node.name.lower() not in columns:
                raise NotUnderstoodError(f"`{node.sql()}` after a set operation")
            return columns[node.name.lower()]
        if isinstance(node, exp.Query):
            raise NotUnderstoodError("a subquery after a set operation")
        return None

    return part_of(tail, stand)
