"""Says how a scan of a table answers a check of it, whether the check is one of ours or a macro's query."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dryland.check import cheap
from dryland.check.failing_rows import failing_rows
from dryland.check.kinds.catalogue import KINDS, is_fused
from dryland.check.request import CheckRequest
from dryland.check.scan import Measure, table_of
from dryland.engines.relation import Column
from dryland.project.nodes import Check

INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
COUNTING = "count(*)"  # dbt's `fail_calc` unless it is told


def looked_at(check: Check) -> str:
    """The only table that a check looks at; empty when there are several, or none."""
    if check.rendered is None:
        return check.node
    read = {*check.rendered.relations.values()}
    return next(iter(read)) if len(read) == 1 and {*check.refs} == read else ""


def measure(check: Check, request: CheckRequest) -> Measure | None:
    """How the scan of its table answers a check; None when that takes a query of its own.

    Raises:
        SqlError: a condition of the team's own is not closed in itself.
    """
    node = looked_at(check)
    if node not in request.relations or check.fail_calc != COUNTING:
        return None
    if check.rendered is None:
        return _of_kind(check, node, request) if is_fused(check) else None
    return _of_query(check, node, request)


def _of_kind(check: Check, node: str, request: CheckRequest) -> Measure:
    term = KINDS[check.kind](check, table_of(request.relations[node], request.alias(node)), request.dialect)
    if term.offending is not None:
        return _cheapest(check, term.offending, node, request)
    assert term.failures is not None, f"{check.kind} counts nothing"
    return Measure(check.unique_id, term.failures, key=_integers(term.unique, request.columns.get(node, ())))


def _integers(column: exp.Column | None, columns: Iterable[Column]) -> exp.Column | None:
    """The column, if it holds whole numbers."""
    kinds = {each.name.lower(): each.type.upper() for each in columns}
    return column if column is not None and kinds.get(column.name.lower()) in INTEGERS else None


def _of_query(check: Check, node: str, request: CheckRequest) -> Measure | None:
    """A query that says no more than a condition on rows, or on sums of them."""
    assert check.rendered is not None
    columns = [column.name for column in request.columns.get(node, ())]
    texts = list(check.rendered.relations)
    if check.rendered.needs_warehouse or check.rendered.volatile or len(texts) != 1 or not columns:
        return None
    found = failing_rows(check.rendered.sql, request.dialect, texts[0], columns)
    if found is None:
        return None
    if found.is_whole:
        one = exp.If(this=found.condition, true=exp.Literal.number(1))
        return Measure(check.unique_id, exp.Case(ifs=[one], default=exp.Literal.number(0)))
    return _cheapest(check, found.condition, node, request)


def _cheapest(check: Check, offending: exp.Expr, node: str, request: CheckRequest) -> Measure:
    count = cheap.count(offending)
    if not isinstance(count, exp.CountIf):
        return Measure(check.unique_id, count)
    none_fails = cheap.no_row(offending, cheap.families(request.columns.get(node, ())))
    return Measure(check.unique_id, count, none_fails)
