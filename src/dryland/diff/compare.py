"""Compares two tables: one scan of each, then only what differs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dryland.check.scanning.scan import table_of
from dryland.check.writing import render_sql
from dryland.diff.across import compare_across
from dryland.diff.buckets import Buckets, read_buckets
from dryland.diff.cells import Cells
from dryland.diff.difference import ColumnDifference, Shift, TableDifference
from dryland.diff.multiset import Counting
from dryland.diff.pairs import Found, Joining, RepeatedKeyError
from dryland.diff.request import DiffRequest
from dryland.diff.scratch import Scratch, scratch
from dryland.diff.shift import Sampling
from dryland.diff.side import Shape, Side, shape_of
from dryland.errors import UnknownNameError, UnsupportedError
from dryland.values import dataclass

SHIFT_ROWS_MIN = 100  # on both sides: with fewer, a distribution moves with every row
SHIFT_SHARE_MIN = 0.005
"""Of the rows: with a smaller share d, the distance is at most sqrt(d) = 0.07 (J. Lin, 1991: the divergence is at most
the variation), and the stability index at most about d ln(2 d rows) = 0.08 of a billion rows, all in a bin that was
empty. Both are called stable."""


def compare(before: Side, after: Side, request: DiffRequest) -> TableDifference:
    """What differs between two tables that one session can read; of two warehouses each side says what it speaks.

    Raises:
        UnknownNameError: one of the tables does not have a column of the key.
        UnsupportedError: the sides are not of one session, and nobody knows what they speak.
    """
    _verify_key(before, after, request)
    if before.session is not after.session:
        if not (before.dialect and after.dialect):
            raise UnsupportedError("tables of two sessions cannot be compared without their dialects.")
        return compare_across(before, after, request)
    shape = shape_of(before, after, request.key, request.dialect)
    if not shape.pairs:
        counted = Buckets(1, _rows(before, request.dialect), _rows(after, request.dialect))
        return _shown(request, shape, counted, Found(), notes=("no column is on both sides",))
    with scratch(before.session, request.dialect) as held:
        return _Comparing(held, before, after, request).found(shape)


@dataclass(frozen=True, slots=True)
class _Comparing:
    scratch: Scratch
    before: Side
    after: Side
    request: DiffRequest

    def found(self, shape: Shape, notes: tuple[str, ...] = ()) -> TableDifference:
        """Compare by key where there is one, and by whole rows where it turns out to repeat."""
        buckets = self._buckets(shape)
        cells = Cells(shape, self.request.persons, self.request.examples_max)
        try:
            found = self._read(shape, buckets, cells)
        except RepeatedKeyError:
            name = ", ".join(shape.key_names)
            return self.found(shape.without_key(), (f"{name} is not unique, so rows are compared whole",))
        sampled, shifts = self._shifts(shape, buckets, cells, found)
        return _shown(self.request, shape, buckets, found, shifts=shifts, sampled_rows=sampled, notes=notes)

    def _buckets(self, shape: Shape) -> Buckets:
        rows_at_once = self.request.rows_for(len(shape.pairs))
        return read_buckets(
            self.scratch, self.before, self.after, shape, count=self.request.buckets, rows_at_once=rows_at_once
        )

    def _read(self, shape: Shape, buckets: Buckets, cells: Cells) -> Found:
        found = Found()
        sides = (self.scratch, self.before, self.after, shape, buckets, cells)
        reading = Joining(*sides) if shape.key else Counting(*sides)
        if isinstance(reading, Joining):
            reading.verify_uncrowded()
        for batch in buckets.batches:
            reading.read(batch, found)
        return found

    def _shifts(
        self, shape: Shape, buckets: Buckets, cells: Cells, found: Found
    ) -> tuple[int | None, dict[int, Shift]]:
        """Of columns that can have moved as far as it matters."""
        rows = min(buckets.rows_before, buckets.rows_after)
        if not self.request.shifts or rows < SHIFT_ROWS_MIN:
            return None, {}
        came = found.added + found.removed
        least = max(rows * SHIFT_SHARE_MIN, 1)
        moved = [at for at in shape.values if came + found.changes.get(at, 0) >= least]
        if not moved:
            return None, {}
        sampling = Sampling(self.scratch, self.before, self.after, shape, buckets, cells)
        sampled = sampling.take(self.request.sample_for(len(shape.pairs)))
        return sampled, sampling.shifts(moved)


def _rows(side: Side, dialect: str) -> int:
    counted = exp.select(exp.Count(this=exp.Star())).from_(table_of(side.relation))
    return int(side.session.fetch(render_sql(counted, dialect)).rows[0][0])


def _verify_key(before: Side, after: Side, request: DiffRequest) -> None:
    for side in (before, after):
        names = {column.name.lower() for column in side.columns}
        for name in request.key:
            if name.lower() not in names:
                raise UnknownNameError(
                    f"{side.relation} has no column `{name}`, by which {request.name} is to be compared.",
                    hint=f"it has: {', '.join(column.name for column in side.columns[:20])}.",
                )


NO_SHIFTS: dict[int, Shift] = {}


def _shown(
    request: DiffRequest, shape: Shape, buckets: Buckets, found: Found, *,
    shifts: dict[int, Shift] = NO_SHIFTS, sampled_rows: int | None = None, notes: Sequence[str] = (),
) -> TableDifference:  # fmt: skip
    both = [
        ColumnDifference(
            pair.name, pair.before.type, pair.after.type, found.changes.get(at, 0),
            tuple(found.examples.get(at, ())), shifts.get(at),
        )
        for at, pair in enumerate(shape.pairs)
    ]  # fmt: skip
    columns = (
        *both,
        *(ColumnDifference(column.name, column.type, "") for column in shape.removed),
        *(ColumnDifference(column.name, "", column.type) for column in shape.added),
    )
    differs = found.added or found.removed or found.changed or any(column.schema_change for column in columns)
    return TableDifference(
        request.name, "different" if differs else "equal", key=shape.key_names,
        rows_before=buckets.rows_before, rows_after=buckets.rows_after,
        added=found.added, removed=found.removed, changed=found.changed, columns=columns,
        examples_added=tuple(found.examples_added), examples_removed=tuple(found.examples_removed),
        sampled_rows=sampled_rows, notes=tuple(notes),
    )  # fmt: skip
