"""Proposes what texts look like: an email address, a UUID, a date, or a code that is always as long."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp

from dryland.check.dialects import WORDS
from dryland.check.kinds.text_format import KIND, PATTERNS
from dryland.suggest.proposal import Candidate, Proposal, by_rows, less
from dryland.suggest.rules.categories import is_category
from dryland.suggest.subject import ColumnFacts, Subject, many

TRIED = ("uuid", "email", "url", "ipv4", "phone", "integer")  # of the forms that are patterns
MOMENTS: Mapping[str, str] = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}",
}
"""What texts look like of which it is worth to ask the warehouse whether it reads them as a moment."""
SAMPLE_MIN = 3
LENGTH_MAX = 64  # for texts that are always as long


def candidates(subject: Subject) -> Iterator[Candidate]:
    """By the sample, and then by all rows."""
    for column in subject.columns:
        values = [str(value) for value in column.values] if column.family == "text" else []
        if len(values) < SAMPLE_MIN or column.column.type.upper().startswith(("UUID", "ENUM")):
            continue
        patterns = {**{name: PATTERNS[name] for name in TRIED}, **MOMENTS}
        found = next((name for name, each in patterns.items() if all(re.search(each, value) for value in values)), "")
        if found:
            yield _format(subject, column, found)
        elif _is_always_as_long(values) and not is_category(column):
            yield _length(subject, column, len(values[0]))


def _is_always_as_long(values: list[str]) -> bool:
    return len({len(value) for value in values}) == 1 and 0 < len(values[0]) <= LENGTH_MAX


def _format(subject: Subject, column: ColumnFacts, name: str) -> Candidate:
    rows = subject.rows - column.nulls
    a_form = {
        "email": "an email address",
        "ipv4": "an IP address",
        "uuid": "a UUID",
        "url": "a URL",
        "integer": "a number",
    }
    evidence = f"each of {many(rows, 'value')} is {a_form.get(name, f'a {name}')}"
    sure = by_rows(rows, many=100, some=SAMPLE_MIN)
    proposal = Proposal(KIND.name, column.name, {"format": name}, evidence, sure)
    return Candidate(
        (exp.CountIf(this=_is_other(column, name, subject.dialect)),), lambda found: None if found[0] else proposal
    )


def _is_other(column: ColumnFacts, name: str, dialect: str) -> exp.Expr:
    """As the check asks it."""
    if name in PATTERNS:
        return exp.RegexpLike(this=column.tree, expression=exp.convert(PATTERNS[name])).not_()
    unreadable = WORDS[dialect].is_unreadable(column.tree, name)
    return exp.and_(column.tree.is_(exp.null()).not_(), unreadable)


def _length(subject: Subject, column: ColumnFacts, length: int) -> Candidate:
    ends = (exp.Min(this=exp.Length(this=column.tree)), exp.Max(this=exp.Length(this=column.tree)))
    rows = subject.rows - column.nulls
    sure = by_rows(rows) if column.distinct > 1 else less(by_rows(rows))
    evidence = f"each of {many(rows, 'value')} has {many(length, 'character')}"
    proposal = Proposal("expect_column_value_lengths_to_equal", column.name, {"value": length}, evidence, sure)
    return Candidate(ends, lambda found: proposal if list(found) == [length, length] else None)
