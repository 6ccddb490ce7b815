"""Says how a scan of a table answers a check of it, whether the check is one of ours or a macro's query."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.kinds.catalogue import is_fused
from dryland.check.reading.failing_rows import COUNTING, Failing, Read, failing_rows
from dryland.check.request import CheckRequest
from dryland.check.scanning import cheap
from dryland.check.scanning.scan import Measure, table_of
from dryland.check.terms import term_of
from dryland.project.nodes import Check, Rendered


def looked_at(check: Check) -> str:
    """The table that a check scans: of several that its query reads its own; empty when nobody knows."""
    if check.rendered is None:
        return check.node if {*check.refs} <= {check.node} else ""
    read = [*check.rendered.relations.values()]
    if not read or {*check.refs} != {*read}:
        return ""
    return check.node if check.node in read else read[0]


def measure(check: Check, request: CheckRequest) -> Measure | None:
    """How the scan of its table answers a check; None when that takes a query of its own.

    Raises:
        SqlError: a condition of the team's own is not closed in itself.
    """
    node = looked_at(check)
    if node not in request.relations:
        return None
    if check.rendered is None:
        return _of_kind(check, node, request) if is_fused(check) and check.fail_calc == COUNTING else None
    return _of_query(check, node, request)


def _of_kind(check: Check, node: str, request: CheckRequest) -> Measure:
    term = term_of(check, request)
    if term.offending is not None:
        return _cheapest(check, term.offending, node, request)
    assert term.failures is not None, f"{check.kind} counts nothing"
    return Measure(check.unique_id, term.failures, key=term.unique)


def offending_rows(check: Check, request: CheckRequest) -> exp.Expr | None:
    """The condition by which a query of the project's own picks rows of its table; None where it does not do that."""
    node = looked_at(check)
    found = _understood(check, node, request) if node in request.relations else None
    return found.condition if found else None


def _of_query(check: Check, node: str, request: CheckRequest) -> Measure | None:
    found = _understood(check, node, request)
    if found is None:
        return None
    if found.condition is not None:
        return _cheapest(check, found.condition, node, request)
    return Measure(check.unique_id, found.failures, found.none_fails, found.unique)


def _understood(check: Check, node: str, request: CheckRequest) -> Failing | None:
    """A query that comes to terms of the scan: it picks rows, groups them, or compares sums of them."""
    assert check.rendered is not None
    read = _read(check.rendered, node, request)
    is_limited_sum = check.fail_calc != COUNTING and check.limit is not None
    if check.rendered.needs_warehouse or check.rendered.volatile or is_limited_sum or not read:
        return None
    return failing_rows(check.rendered.sql, request.dialect, read, check.fail_calc)


def _read(rendered: Rendered, node: str, request: CheckRequest) -> list[Read]:
    """The tables of a query, that which is scanned first; none when one of them is not known."""
    tables = {
        each: table_of(request.relations[each]) for each in rendered.relations.values() if each in request.relations
    }
    order = sorted(rendered.relations.items(), key=lambda each: each[1] != node)
    if any(each not in tables or not request.columns.get(each) for _, each in order):
        return []
    return [Read(text, tables[each], request.columns[each]) for text, each in order]


def _cheapest(check: Check, offending: exp.Expr, node: str, request: CheckRequest) -> Measure:
    count = cheap.count(offending)
    if not isinstance(count, exp.CountIf):
        return Measure(check.unique_id, count)
    none_fails = cheap.no_row(offending, cheap.families(request.columns.get(node, ()), request.dialect))
    return Measure(check.unique_id, count, none_fails)
