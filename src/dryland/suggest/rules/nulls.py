"""Proposes that columns have values: all rows, or nearly all of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal

from dryland.suggest.proposal import Candidate, Proposal, Sure, by_rows, known, less
from dryland.suggest.subject import ColumnFacts, Subject, many

SHARE_MAX = 0.02  # of rows without a value, for "nearly all"
ROWS_MIN, BUILDS_MIN = 1000, 3


def candidates(subject: Subject) -> Iterator[Candidate]:
    """A column without a null in this build and those before; one of a few nulls may have twice as many."""
    for column in subject.columns if subject.rows else ():
        if column.nulls == 0:
            yield known(Proposal("not_null", column.name, {}, *_evidence(subject, column)))
        elif subject.rows >= ROWS_MIN and column.nulls / subject.rows <= SHARE_MAX:
            yield known(_nearly(subject, column))


def _evidence(subject: Subject, column: ColumnFacts) -> tuple[str, Sure]:
    sure = by_rows(subject.rows)
    if column.is_key_like and sure == "guess":
        sure = "likely"
    dirty = sum(bool(each.get("nulls")) for each in column.before)
    if dirty:
        builds = many(len(column.before), "build")
        return f"0 nulls in {many(subject.rows, 'row')}, but some in {dirty} of {builds} before", "guess"
    return f"0 nulls in {subject.seen}", sure


def _nearly(subject: Subject, column: ColumnFacts) -> Proposal:
    share = Decimal(column.nulls) / subject.rows
    mostly = (1 - 2 * share).quantize(Decimal("0.01"), ROUND_FLOOR)
    steady = len(column.before) + 1 >= BUILDS_MIN and all(
        _share(past, each) <= 2 * share
        for past, each in zip((each.profile.rows for each in subject.past), column.before, strict=False)
    )
    sure: Sure = less("sure") if steady else "guess"
    evidence = f"{float(share):.2%} nulls in {subject.seen}"
    return Proposal("not_null", column.name, {"mostly": float(mostly)}, evidence, sure)


def _share(rows: int, measured: object) -> Decimal:
    nulls = measured.get("nulls") if isinstance(measured, dict) else 0
    return Decimal(str(nulls or 0)) / (rows or 1)
