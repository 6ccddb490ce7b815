"""Says what every relation of a release holds, row by row: worked out from the release before it, without Dryland."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from crash.mill import BULK_ROWS, IDS, SEEDED, batch_rows

MARK = 100_000  # code * MARK + batch
Rows = Sequence[tuple[Any, ...]]

QUERIES: Mapping[str, str] = {
    "arrivals": "select id, batch, amount, cast(arrived_at as varchar), mark from {}",
    "now": "select batch, mark from {}",
    "totals": "select id, total, batch, cast(updated_at as varchar), mark from {}",
    "totals_view": "select id, total, mark from {}",
    "growing": "select row_id, batch, amount, mark from {}",
    "appended": "select mark, batch from {}",
    "kept": "select id, total, batch, cast(dbt_valid_from as varchar), cast(dbt_valid_to as varchar) from {}",
    "report": "select mark, grown, marks, versions from {}",
    "report_view": "select mark, grown, marks, versions, code, id from {}",
    "bulk": "select count(*), min(i), max(i), min(mark), max(mark), "
    "sum(case when digest = md5(cast(i + mark as varchar)) then 1 else 0 end) from {}",
    "guarded": "select id, mark, amount from {}",
    "marks": "select id, code from {}",
}
"""Relation -> what is asked of it, where it stands put in; equal answers are equal content."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an environment shows: the number of its code, its newest batch, and what grew until then."""

    code: int
    batch: int
    growing: tuple[tuple[int, int, int, int], ...] = ()  # without the head, which has the mark of the release
    appended: tuple[tuple[int, int], ...] = ()
    kept: tuple[tuple[int, int, str, str | None], ...] = ()  # id, batch, from, to
    is_bad: bool = False

    @property
    def mark(self) -> int:
        """What tells the release from all others."""
        return self.code * MARK + self.batch

    def __str__(self) -> str:
        return f"code {self.code} on batch {self.batch}{' (bad)' if self.is_bad else ''}"


def after(before: Shown | None, code: int, batch: int, *, is_bad: bool = False) -> Shown:
    """What is shown once this code has been released over all batches up to this one."""
    last = before or Shown(0, 0)
    shown = replace(last, code=code, batch=batch, is_bad=is_bad)
    new = [(b * 10 + id_, b, amount, shown.mark) for b in range(last.batch + 1, batch + 1)
           for id_, _, amount, _ in batch_rows(b)]  # fmt: skip
    known = {mark for mark, _ in last.appended}
    return replace(
        shown,
        growing=(*last.growing, *new),
        appended=last.appended if shown.mark in known else (*last.appended, (shown.mark, batch)),
        kept=_kept_after(last.kept, batch) if batch > last.batch else last.kept,
    )


def _kept_after(kept: tuple[tuple[int, int, str, str | None], ...], batch: int) -> Any:
    moment = batch_rows(batch)[0][3]
    closed = tuple((id_, of, since, until or moment) for id_, of, since, until in kept)
    return (*closed, *((id_, batch, moment, None) for id_ in IDS))


@cache
def contents(shown: Shown) -> Mapping[str, Rows]:
    """Relation -> its rows, in the order of `in_order`."""
    mark, batches = shown.mark, range(1, shown.batch + 1)
    arrived = [row for batch in batches for row in batch_rows(batch)]
    totals = {id_: _total(id_, shown.batch) for id_ in IDS}
    moment = batch_rows(shown.batch)[0][3]
    report = (mark, len(shown.growing) + 1, len(shown.appended), len(shown.kept))
    sign = -1 if shown.is_bad else 1
    rows: dict[str, Rows] = {
        "arrivals": [(*row, mark) for row in arrived],
        "now": [(shown.batch, mark)],
        "totals": [(id_, total, shown.batch, moment, mark) for id_, total in totals.items()],
        "totals_view": [(id_, total, mark) for id_, total in totals.items()],
        "growing": [(0, 0, 0, mark), *shown.growing],
        "appended": shown.appended,
        "kept": [(id_, _total(id_, of), of, since, until) for id_, of, since, until in shown.kept],
        "report": [report],
        "report_view": [(*report, shown.code, id_) for id_ in SEEDED],
        "bulk": [(BULK_ROWS, 1, BULK_ROWS, mark, mark, BULK_ROWS)],
        "guarded": [(id_, mark, sign * total) for id_, total in totals.items()],
        "marks": [(id_, shown.code) for id_ in SEEDED],
    }
    return {name: in_order(found) for name, found in rows.items()}


def in_order(rows: Rows) -> Rows:
    """The rows in an order of their own."""
    return sorted(map(tuple, rows), key=repr)


def _total(id_: int, batch: int) -> int:
    return sum(each * 10 + id_ for each in range(1, batch + 1))
