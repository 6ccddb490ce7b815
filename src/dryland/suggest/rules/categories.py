"""Proposes the list of values of a column that has only a few, and no others over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import exp

from dryland.suggest.proposal import Candidate, Proposal, Sure, by_rows, less
from dryland.suggest.subject import ColumnFacts, Subject, many

VALUES_MAX = {"text": 20, "number": 12}
ROWS_PER_VALUE = 10
LENGTH_MAX = 40
CODES = frozenset("status state type kind code flag level grade rating class category tier stage phase".split())
FREE = frozenset(
    """
    name title label description comment note text message city town street address zip postcode email mail url link
    path phone user customer company employer author file host version sku
    """.split()
)
"""Words of names of columns whose values come as they like."""


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Texts of few values; whole numbers only where their name says that they are codes."""
    for column in subject.columns:
        if is_category(column) and not column.is_person:
            listed = exp.ArrayAgg(this=exp.Distinct(expressions=[column.tree]))
            yield Candidate((listed,), _settling(subject, column))


def is_category(column: ColumnFacts) -> bool:
    """Whether a column has few values, and its name does not say that any may come."""
    words = set(column.words)
    named = bool(words & CODES) if column.is_integer else column.family == "text" and not words & FREE
    is_few = 1 <= column.distinct <= VALUES_MAX.get(column.family, 0) * 1.1
    return named and is_few and not column.is_id


def _settling(subject: Subject, column: ColumnFacts) -> Any:
    def settle(found: Sequence[Any]) -> Proposal | None:
        values = sorted(value for value in found[0] or () if value is not None)
        if not values or len(values) > VALUES_MAX[column.family]:
            return None
        if any(len(str(value)) > LENGTH_MAX or "{" in str(value) for value in values):
            return None
        listed = [_as_dbt_wants(value) if column.family == "text" else int(value) for value in values]
        quote = {} if column.family == "text" else {"quote": False}
        evidence = f"{many(len(values), 'value')} in {subject.seen}"
        return Proposal(
            "accepted_values", column.name, {"values": listed, **quote}, evidence, _sure(subject, column, len(values))
        )

    return settle


def _as_dbt_wants(value: object) -> str:
    """dbt puts a value between quotes as it is, so that those in it have to be doubled."""
    return str(value).replace("'", "''")


def _sure(subject: Subject, column: ColumnFacts, values: int) -> Sure:
    """Few values in many rows are a list; one alone, or more than before, may be the beginning of one."""
    rows = subject.rows - column.nulls
    grew = any(int(str(each.get("distinct") or values)) < values for each in column.before)
    if values == 1 or grew or rows < ROWS_PER_VALUE * values:
        return "guess"
    sure = by_rows(rows, many=1000 * values)
    return sure if set(column.words) & CODES else less(sure) if sure == "sure" else sure
