"""Says how each check is answered: by what a scan knows anyway, by a count in that scan, or by a query of its own."""

from __future__ import annotations

from typing import Literal

from dryland.check.measures import looked_at, measure
from dryland.check.own_query import count_query
from dryland.check.request import CheckRequest
from dryland.check.writing import render_sql
from dryland.errors import DrylandError
from dryland.project.nodes import Check
from dryland.values import dataclass

How = Literal["shown", "counted", "alone"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A check, and the SQL that answers it.

    `shown`: an aggregate shows that nothing fails, and only if it does not is `failures` asked. `counted`: `failures`
    is a term of the scan. `alone`: `failures` is a query of its own.
    """

    check: str  # unique id
    table: str  # unique id of what is scanned; empty when it is asked alone
    how: How
    failures: str
    shows: str = ""


def explain(request: CheckRequest) -> tuple[Answered, ...]:
    """How the checks of a request are answered, those of one table together."""
    found = [_answered(check, request) for check in request.checks]
    order = {table: number for number, table in enumerate(dict.fromkeys(each.table for each in found))}
    return tuple(sorted(found, key=lambda each: (each.how == "alone", order[each.table])))


def _answered(check: Check, request: CheckRequest) -> Answered:
    try:
        found = measure(check, request)
    except DrylandError:
        found = None
    if found is None:
        return Answered(check.unique_id, "", "alone", _own(check, request))
    failures = render_sql(found.failures, request.dialect)
    if found.none_fails is None:
        return Answered(check.unique_id, looked_at(check), "counted", failures)
    shows = render_sql(found.none_fails, request.dialect)
    return Answered(check.unique_id, looked_at(check), "shown", failures, shows)


def _own(check: Check, request: CheckRequest) -> str:
    try:
        return count_query(check, request)
    except DrylandError as error:
        return f"-- {error.message}"
