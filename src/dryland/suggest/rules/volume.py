"""Proposes how many rows there are: some at all, and about as many as in builds before."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from statistics import median

from dryland.suggest.proposal import Candidate, Proposal, known
from dryland.suggest.subject import Subject, many

BUILDS_MIN = 3
USUAL = 5  # builds before, whose median the check compares with unless told


def candidates(subject: Subject) -> Iterator[Candidate]:
    """At least one row; and from three builds on, at most twice the changes that were seen."""
    if not subject.rows:
        return
    evidence = f"there are {many(subject.rows, 'row')}"
    yield known(
        Proposal(
            "expect_table_row_count_to_be_between", "", {"min_value": 1}, evidence, "sure" if subject.past else "likely"
        )
    )
    counts = [*(past.profile.rows for past in subject.past), subject.rows]
    if len(counts) >= BUILDS_MIN and all(counts):
        changes = [rows / median(counts[max(at - USUAL, 0) : at]) - 1 for at, rows in enumerate(counts) if at]
        seen = f"{min(changes):+.0%} to {max(changes):+.0%} against those before, {many(len(counts), 'build')}"
        yield known(Proposal("volume", "", bounds(changes), f"rows changed by {seen}", "likely"))


def bounds(changes: list[float]) -> dict[str, float]:
    """Twice what was seen and at least a fifth, in tenths; nothing shrinks by more than nine tenths.

    >>> bounds([0.02, 0.31]), bounds([-0.4, 0.0])
    ({'min_change': -0.2, 'max_change': 0.7}, {'min_change': -0.8, 'max_change': 0.2})
    """
    least = min(floor(min(changes) * 20) / 10, -0.2)
    most = max(ceil(max(changes) * 20) / 10, 0.2)
    return {"min_change": round(max(least, -0.9), 1), "max_change": round(most, 1)}
