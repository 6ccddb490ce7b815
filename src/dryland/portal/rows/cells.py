"""Shows an answer as a table: its first rows as text, what each column is, and how much there was of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from dryland.access.answer import Answer
from dryland.access.exporting.values import as_text
from dryland.engines.relation import Column
from dryland.values import dataclass

ROWS_SHOWN = 200  # of an answer; a file has all of them
LETTERS_SHOWN = 200  # of a value
NUMBERS = re.compile(r"^(u?(tiny|small|big|huge)?int(eger)?\d*|decimal|numeric|double|float|real)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the table."""

    name: str
    type: str

    @property
    def is_number(self) -> bool:
        """Whether values stand at the right, so that their digits stand below each other.

        >>> Head("a", "DECIMAL(10,2)").is_number, Head("b", "INTERVAL").is_number
        (True, False)
        """
        return NUMBERS.match(self.type) is not None


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer, and what is known of the rest."""

    columns: tuple[Head, ...]
    rows: tuple[tuple[str | None, ...], ...]
    count: int
    is_cut: bool  # there is more than was given
    masked: tuple[tuple[str, str, str], ...]  # (dataset, column, mask) of what was read
    took_s: float

    @property
    def is_short(self) -> bool:
        """Whether fewer rows are shown than were given."""
        return len(self.rows) < self.count


def table_of(answer: Answer, began: float) -> Table:
    """The table of an answer, which is read to its end; no more of it is kept than is shown."""
    kept: list[tuple[str | None, ...]] = []
    for block in answer.blocks():
        kept += [tuple(map(_shown, row)) for row in block[: ROWS_SHOWN - len(kept)]]
    return Table(
        heads(answer.columns), tuple(kept), answer.rows, answer.is_cut, answer.masked, time.monotonic() - began
    )  # fmt: skip


def heads(columns: Iterable[Column]) -> tuple[Head, ...]:
    """Names and types."""
    return tuple(Head(column.name, column.type.lower()) for column in columns)


def _shown(value: object) -> str | None:
    if value is None:
        return None
    text = as_text(value)
    return text if len(text) <= LETTERS_SHOWN else f"{text[:LETTERS_SHOWN]}… ({len(text):,})"
