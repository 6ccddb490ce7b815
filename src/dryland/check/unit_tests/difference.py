"""Compares the rows that a model made with those that were expected, whatever their order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from dryland.values import dataclass

SHOWN_MAX = 20
PAIRED_MAX = 200  # rows on each side between which partners are looked for: beyond, that takes longer than the test
MARK = "@@"
DIFFERS, SURPLUS, MISSING = "→", "+++", "---"

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How two sets of rows differ: rows that have a partner with other values, and rows that have none."""

    columns: tuple[str, ...]
    pairs: tuple[tuple[Row, Row], ...]  # expected, actual
    missing: tuple[Row, ...]
    surplus: tuple[Row, ...]

    @property
    def count(self) -> int:
        """How many rows are not as they should be; 0 when all are."""
        return len(self.pairs) + len(self.missing) + len(self.surplus)

    @property
    def sentence(self) -> str:
        """What differs, for people."""
        altered = [
            column for at, column in enumerate(self.columns) if any(want[at] != got[at] for want, got in self.pairs)
        ]
        named = f" in {', '.join(altered)} (expected → actual)"
        parts = [_rows(self.pairs, "differs", "differ") + named] if self.pairs else []
        parts += [_rows(self.missing, "is missing", "are missing")] if self.missing else []
        parts += [_rows(self.surplus, "is surplus", "are surplus")] if self.surplus else []
        more = f"; {SHOWN_MAX} are shown" if self.count > SHOWN_MAX else ""
        return "; ".join(parts) + more

    def table(self) -> tuple[Mapping[str, object], ...]:
        """The rows that differ, the first SHOWN_MAX of them: a mark, then each column as text."""
        return tuple(row for row, _ in zip(self._marked(), range(SHOWN_MAX), strict=False))

    def _marked(self) -> Iterator[Mapping[str, object]]:
        for want, got in self.pairs:
            cells = (_shown(a) if a == b else f"{_shown(a)} → {_shown(b)}" for a, b in zip(want, got, strict=True))
            yield self._line(DIFFERS, cells)
        for mark, rows in ((MISSING, self.missing), (SURPLUS, self.surplus)):
            for row in rows:
                yield self._line(mark, map(_shown, row))

    def _line(self, mark: str, cells: Iterator[str]) -> Mapping[str, object]:
        return {MARK: mark, **dict(zip(self.columns, cells, strict=True))}


def difference(columns: Sequence[str], expected: Sequence[Row], actual: Sequence[Row]) -> Difference:
    """Compare rows as bags: how often each is there counts, their order does not.

    >>> difference(("id", "n"), [("1", "a"), ("2", "b")], [("2", "b"), ("1", "c")]).pairs
    ((('1', 'a'), ('1', 'c')),)
    """
    want, got = Counter(expected), Counter(actual)
    missing = sorted((want - got).elements(), key=_order)
    surplus = sorted((got - want).elements(), key=_order)
    pairs = []
    if len(missing) <= PAIRED_MAX and len(surplus) <= PAIRED_MAX:
        for row in list(missing):
            partner = _partner(row, surplus)
            if partner is not None:
                pairs.append((row, partner))
                missing.remove(row)
                surplus.remove(partner)
    return Difference(tuple(columns), tuple(pairs), tuple(missing), tuple(surplus))


def _partner(row: Row, others: Sequence[Row]) -> Row | None:
    """The row that has most values in common with this one: at least half, and at least one that is not null."""
    best, most = None, math.ceil(len(row) / 2) - 1
    for other in others:
        alike = sum(a == b for a, b in zip(row, other, strict=True))
        is_known = any(a is not None and a == b for a, b in zip(row, other, strict=True))
        if alike > most and is_known:
            best, most = other, alike
    return best


def _order(row: Row) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in row]


def _shown(value: str | None) -> str:
    return "null" if value is None else value or "''"


def _rows(rows: Sequence[object], one: str, many: str) -> str:
    return f"1 row {one}" if len(rows) == 1 else f"{len(rows)} rows {many}"
