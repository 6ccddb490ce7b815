"""Translates what the arguments of checks hold of SQL: conditions, expressions, bounds, and whole queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from dryland.check.given import OF_ROWS
from dryland.check.kinds import arguments
from dryland.check.kinds.catalogue import KINDS
from dryland.translation.expressions import TABLE, translated_expression
from dryland.translation.problem import Problem
from dryland.translation.query import translated
from dryland.translation.tables import Known

EXPRESSIONS = (arguments.sql, arguments.bound)
MARKS = ("{table}", "{batch}")  # how a query names the table that it is about


def translated_arguments(
    given: Mapping[str, Any], *, written: str, known: Known | None
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The arguments with those said anew that are SQL."""
    problems: list[Problem] = []
    found: dict[str, Any] = dict(given)
    for name in given.keys() & sql_arguments():
        value = given[name]
        if isinstance(value, str) and value.strip() and not arguments.MOMENT.fullmatch(value):
            found[name], said = _said(value, written, known)
            problems += said
    return found, tuple(problems)


@cache
def sql_arguments() -> frozenset[str]:
    """The names of all arguments that hold SQL of the team's own, whatever kind of check and package they are of."""
    return frozenset(_named())


def _named() -> Iterator[str]:
    yield from OF_ROWS
    for kind in KINDS.values():
        own = {name for name, parse in kind.takes.items() if parse in (*EXPRESSIONS, arguments.query)}
        yield from own
        yield from (theirs for alias in kind.also.values() for theirs, ours in alias.renamed.items() if ours in own)


def _said(text: str, written: str, known: Known | None) -> tuple[str, tuple[Problem, ...]]:
    if not any(mark in text for mark in MARKS):
        return translated_expression(text, written=written, known=known)
    query = text
    for mark in MARKS:
        query = query.replace(mark, TABLE)
    found = translated(query, written=written, relations={TABLE: TABLE}, known={TABLE: known}, names_count=False)
    return found.sql.replace(f'"{TABLE}" AS', f"{MARKS[0]} AS") if not found.problems else text, found.problems
