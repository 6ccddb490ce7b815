"""Compares tables of two warehouses: buckets of hashes that both compute alike, then the rows of those that differ.

One scan of each side tells which buckets differ. Of those only the hashes come over, and of the rows that differ, and
no others, the values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from sqlglot import exp

from dryland.check.scanning.scan import table_of
from dryland.check.writing import render_sql
from dryland.diff.canonical import Form, form_of, is_alike
from dryland.diff.cells import Cells
from dryland.diff.difference import ColumnDifference, Example, TableDifference
from dryland.diff.pairs import Found, RepeatedKeyError
from dryland.diff.request import DiffRequest
from dryland.diff.row_text import BUCKET, KEY, ROW, TEXT, buckets, rows
from dryland.diff.side import Pair, Shape, Side
from dryland.engines.statement import Rows
from dryland.values import dataclass

ROWS_OF_A_BUCKET = 2_000  # about; then a thousand changes anywhere in ten million rows bring over two million hashes
DIGITS_MAX = 4  # 65,536 buckets
HASHES_AT_ONCE = 1_000_000  # of both sides; they are held here
ROWS_AT_ONCE = 2_000  # whose values come over in one query

Counts = Mapping[str, tuple[int, int]]  # bucket -> rows, sum of hashes


def compare_across(before: Side, after: Side, request: DiffRequest) -> TableDifference:
    """What differs between tables of two warehouses; distributions are not compared."""
    shape, forms, left_out = _shape(before, after, request.key)
    notes = [f"{name} has types that cannot be compared between these warehouses" for name in left_out]
    comparing = _Across((before, after), shape, forms, request)
    if not shape.pairs:
        return comparing.shown(Found(), [_rows_of(each) for each in (before, after)], ["no column is on both sides"])
    try:
        return comparing.compared(notes)
    except RepeatedKeyError:
        name = ", ".join(shape.key_names)
        notes.append(f"{name} is not unique, so rows are compared whole")
        return replace(comparing, shape=shape.without_key()).compared(notes)


def _shape(before: Side, after: Side, key: Sequence[str]) -> tuple[Shape, tuple[Form, ...], list[str]]:
    """The columns that both have and in which form they are compared; a key counts if all of it is."""
    theirs = {column.name.lower(): column for column in after.columns}
    ours = {column.name.lower() for column in before.columns}
    common = [(column, theirs[column.name.lower()]) for column in before.columns if column.name.lower() in theirs]
    told = [(Pair(one, other, other.type), form) for one, other in common for form in [form_of(one.type, other.type)]]
    pairs = tuple(pair for pair, form in told if form is not None)
    places = {pair.before.name.lower(): at for at, pair in enumerate(pairs)}
    keyed = tuple(places[name.lower()] for name in key) if all(name.lower() in places for name in key) else ()
    removed = tuple(column for column in before.columns if column.name.lower() not in theirs)
    added = tuple(column for column in after.columns if column.name.lower() not in ours)
    forms = tuple(form for _, form in told if form is not None)
    return Shape(pairs, keyed, removed, added), forms, [pair.name for pair, form in told if form is None]


@dataclass(frozen=True, slots=True)
class _Across:
    sides: tuple[Side, Side]
    shape: Shape
    forms: tuple[Form, ...]
    request: DiffRequest

    @property
    def cells(self) -> Cells:
        """What may be shown."""
        return Cells(self.shape, self.request.persons, self.request.examples_max)

    def compared(self, notes: Sequence[str]) -> TableDifference:
        """Count buckets on both sides at once, then bring over what differs."""
        counted = [_rows_of(each) for each in self.sides]
        digits = _digits(max(counted))
        found = Found()
        held: tuple[Counts, Counts] = self._both(lambda at: self._buckets(at, digits))
        for batch in _batches(*held):
            self._add(batch, digits, found)
        rows_seen = [sum(rows for rows, _ in each.values()) for each in held]
        return self.shown(found, rows_seen, notes)

    def _both(self, ask: Any) -> Any:
        """Two warehouses need not wait for each other."""
        with ThreadPoolExecutor(2) as threads:
            return tuple(threads.map(ask, (0, 1)))

    def _hashed(self, at: int, digits: int, *, values: bool = False) -> exp.Select:
        side = self.sides[at]
        columns = [pair.after if at else pair.before for pair in self.shape.pairs]
        named = [(column.name, form) for column, form in zip(columns, self.forms, strict=True)]
        return rows(side.relation, named, self.shape.key, side.dialect, digits=digits, values=values)

    def _buckets(self, at: int, digits: int) -> Counts:
        side = self.sides[at]
        answer = _fetch(side, buckets(self._hashed(at, digits), side.dialect))
        return {bucket: (int(counted), int(content)) for bucket, counted, content in answer.rows}

    def _hashes(self, at: int, digits: int, batch: Sequence[str]) -> Counter[tuple[str, str]]:
        """How often each row is there, by the hashes of its key and of all of it."""
        wanted = exp.column(BUCKET).isin(*batch)
        times = exp.Count(this=exp.Star()).as_("times")
        query = exp.select(KEY, ROW, times).from_(self._hashed(at, digits).subquery("hashed")).where(wanted)
        return Counter({(key, row): int(number) for key, row, number in
                        _fetch(self.sides[at], query.group_by(KEY, ROW)).rows})  # fmt: skip

    def _add(self, batch: Sequence[str], digits: int, found: Found) -> None:
        ours, theirs = self._both(lambda at: self._hashes(at, digits, batch))
        gone, came = ours - theirs, theirs - ours
        if not self.shape.key:
            found.removed += gone.total()
            found.added += came.total()
            self._show(found, digits, ROW, (row for _, row in gone), (row for _, row in came))
            return
        for held in (ours, theirs):
            if len({key for key, _ in held}) < held.total():
                raise RepeatedKeyError
        before, after = {key for key, _ in gone}, {key for key, _ in came}
        found.removed += len(before - after)
        found.added += len(after - before)
        found.changed += len(before & after)
        self._show(found, digits, KEY, before - after, after - before)
        for keys in _chunks(sorted(before & after)):
            self._add_changes(found, digits, keys)

    def _rows(self, at: int, digits: int, by: str, hashes: Sequence[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The hash, the canonical texts and the values of rows."""
        places = range(len(self.shape.pairs))
        shown = [self.cells.column(exp.column(f"c{place}"), place) for place in places]
        texts = [exp.column(f"{TEXT}{place}") for place in places]
        query = exp.select(by, *texts, *shown).from_(self._hashed(at, digits, values=True).subquery("hashed"))
        in_bucket = exp.column(BUCKET).isin(*sorted({each[:digits] for each in hashes}))
        for row in _fetch(self.sides[at], query.where(in_bucket, exp.column(by).isin(*hashes))).rows:
            yield row[0], tuple(row[1:])

    def _add_changes(self, found: Found, digits: int, keys: Sequence[str]) -> None:
        """In which columns rows of both sides differ."""
        before, after = self._both(lambda at: dict(self._rows(at, digits, KEY, keys)))
        width = len(self.shape.pairs)
        for key in keys:
            one, other = before[key], after[key]
            for at in self.shape.values:
                if one[at] == other[at]:
                    continue
                found.changes[at] = found.changes.get(at, 0) + 1
                examples = found.examples.setdefault(at, [])
                if len(examples) < self.request.examples_max:
                    named = self.cells.row([other[width + place] for place in self.shape.key], self.shape.key)
                    examples.append(Example(named, *self.cells.two(one[width + at], other[width + at], at)))

    def _show(self, found: Found, digits: int, by: str, gone: Iterable[str], came: Iterable[str]) -> None:
        """A few rows that only one side has, while there are not enough."""
        width, places = len(self.shape.pairs), range(len(self.shape.pairs))
        for at, hashes, examples in ((0, gone, found.examples_removed), (1, came, found.examples_added)):
            wanted = sorted({*hashes})[: max(self.request.examples_max - len(examples), 0)]
            rows_of = dict(self._rows(at, digits, by, wanted)) if wanted else {}
            for each in wanted:
                values = [rows_of[each][width + place] for place in self.cells.chosen(places)]
                examples.append(Example(self.cells.row(values, places)))

    def shown(self, found: Found, rows_seen: Sequence[int], notes: Sequence[str]) -> TableDifference:
        """What was found, in the words of every diff."""
        columns = (
            *(ColumnDifference(pair.name, _type_before(pair), pair.after.type, found.changes.get(at, 0),
                               tuple(found.examples.get(at, ()))) for at, pair in enumerate(self.shape.pairs)),
            *(ColumnDifference(column.name, column.type, "") for column in self.shape.removed),
            *(ColumnDifference(column.name, "", column.type) for column in self.shape.added),
        )  # fmt: skip
        differs = found.added or found.removed or found.changed or self.shape.removed or self.shape.added
        return TableDifference(
            self.request.name, "different" if differs else "equal", key=self.shape.key_names,
            rows_before=rows_seen[0], rows_after=rows_seen[1],
            added=found.added, removed=found.removed, changed=found.changed, columns=columns,
            examples_added=tuple(found.examples_added), examples_removed=tuple(found.examples_removed),
            notes=tuple(notes),
        )  # fmt: skip


def _type_before(pair: Pair) -> str:
    """What two warehouses call differently, and what holds the same, is one type."""
    return pair.after.type if is_alike(pair.before.type, pair.after.type) else pair.before.type


def _fetch(side: Side, query: exp.Query) -> Rows:
    return side.session.fetch(render_sql(query, side.dialect))


def _rows_of(side: Side) -> int:
    counted = exp.select(exp.Count(this=exp.Star())).from_(table_of(side.relation))
    return int(_fetch(side, counted).rows[0][0])


def _digits(rows_max: int) -> int:
    """How many digits of a hash make buckets of a size that is worth to be read when one row in it differs."""
    digits = 1
    while digits < DIGITS_MAX and rows_max / 16**digits > ROWS_OF_A_BUCKET:
        digits += 1
    return digits


def _batches(before: Counts, after: Counts) -> Iterator[list[str]]:
    """The buckets that differ, as many together as may be held."""
    batch: list[str] = []
    held = 0
    for bucket in sorted(before.keys() | after.keys()):
        if before.get(bucket) == after.get(bucket):
            continue
        size = before.get(bucket, (0, 0))[0] + after.get(bucket, (0, 0))[0]
        if batch and held + size > HASHES_AT_ONCE:
            yield batch
            batch, held = [], 0
        batch.append(bucket)
        held += size
    if batch:
        yield batch


def _chunks(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + ROWS_AT_ONCE] for start in range(0, len(keys), ROWS_AT_ONCE))
