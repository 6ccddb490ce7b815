"""Lists the edits that are tried: every variant of every kind, for one area and then for another, up to a number."""

from __future__ import annotations

from collections.abc import Iterator

from edits.edit import Edit, Variant, difference
from edits.kinds.columns import OF_COLUMNS
from edits.kinds.rows import OF_ROWS
from edits.kinds.surroundings import OF_SURROUNDINGS
from edits.kinds.text import OF_TEXT
from edits.project import AREAS, Files

VARIANTS: tuple[Variant, ...] = (*OF_TEXT, *OF_COLUMNS, *OF_ROWS, *OF_SURROUNDINGS)
STRIDE = 37  # from one variant to the next that is taken: a few edits are of many kinds already


def edits_of(files: Files, *, areas: int, count: int) -> tuple[Edit, ...]:
    """So many different edits of the clean project, in the order of the catalogue."""
    found: dict[frozenset[tuple[str, str | None]], tuple[int, Variant, str]] = {}
    for at, variant, area in _candidates(areas):
        if len(found) < count:
            changed = difference(files, variant.of(files, area))
            found.setdefault(frozenset(changed.items()), (at, variant, area))
    chosen = sorted(found.items(), key=lambda each: each[1][0])
    return tuple(
        Edit(number, variant.kind, variant.layer, area, dict(sorted(changed, key=lambda each: each[0])))
        for number, (changed, (_, variant, area)) in enumerate(chosen, start=1)
    )


def _candidates(areas: int) -> Iterator[tuple[int, Variant, str]]:
    """Each variant for one area, then each for another; what belongs to the company needs several areas."""
    possible = [each for each in VARIANTS if areas > 1 or each.layer != "company"]
    assert len(possible) % STRIDE, "a stride that comes around too soon"
    for turn in range(areas):
        for step in range(len(possible)):
            at = step * STRIDE % len(possible)
            yield at, possible[at], AREAS[(3 * at + 7 * turn) % areas]
