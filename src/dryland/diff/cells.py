"""Shows values of rows that differ: short, as JSON can keep them, and none of a person's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from dryland.check.dialects import family
from dryland.check.offenders import MASK
from dryland.check.scanning.scan import TEXT_MAX, plain
from dryland.diff.side import Shape
from dryland.project.personal import EVERY
from dryland.values import dataclass

SHOWN_COLUMNS = 20  # of a whole row: nobody reads five hundred
LEAD = 12  # characters shown before the place at which two long texts begin to differ


@dataclass(frozen=True, slots=True)
class Cells:
    """What may be shown of the columns of a shape."""

    shape: Shape
    persons: frozenset[str]
    examples_max: int

    def column(self, value: exp.Expr, at: int) -> exp.Expr:
        """The value as it is fetched: the warehouse writes down what Python has no word for."""
        return value if family(self.shape.pairs[at].type) in ("number", "boolean", "text") else exp.cast(value, "TEXT")

    def chosen(self, places: Sequence[int]) -> Sequence[int]:
        """The columns of a whole row that are shown: the key first."""
        return [*self.shape.key, *(at for at in places if at not in self.shape.key)][:SHOWN_COLUMNS]

    def row(self, values: Iterable[Any], places: Sequence[int]) -> Mapping[str, object]:
        """A row's chosen columns by name."""
        return {
            self.shape.pairs[at].name: MASK if self.is_hidden(at) else plain(value)
            for at, value in zip(self.chosen(places), values, strict=True)
        }

    def two(self, before: Any, after: Any, at: int) -> tuple[object, object]:
        """A value before and after, such that one sees how they differ."""
        if self.is_hidden(at):
            return MASK, MASK
        shown = plain(before), plain(after)
        return shown if shown[0] != shown[1] else _where_they_part(str(before), str(after))

    def is_hidden(self, at: int) -> bool:
        """Whether a column may hold a person's data."""
        pair = self.shape.pairs[at]
        return bool({pair.before.name.lower(), pair.after.name.lower(), EVERY} & self.persons)


def _where_they_part(before: str, after: str) -> tuple[str, str]:
    """The same stretch of two long texts, from a little before they differ.

    >>> [text[:16] for text in _where_they_part("x" * 100 + "one", "x" * 100 + "two")]
    ['…xxxxxxxxxxxxone', '…xxxxxxxxxxxxtwo']
    """
    pairs = zip(before, after, strict=False)
    first = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))
    start = max(first - LEAD, 0)
    lead = "…" if start else ""
    return tuple(lead + text[start : start + TEXT_MAX] for text in (before, after))  # type: ignore[return-value]
