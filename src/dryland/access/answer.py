"""Gives out the answer to a query: its rows in blocks, up to a limit of rows and bytes, until somebody stops it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import field

from dryland.access.masks import Mask
from dryland.access.person import Person
from dryland.engines.read_only import Block, Stream
from dryland.engines.relation import Column
from dryland.errors import RightsError
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much one query may have."""

    rows: int
    bytes: int
    timeout_s: float


class Answer:
    """One answer, while it is given out; its blocks can be had once."""

    def __init__(
        self, stream: Stream, allowance: Allowance, masked: tuple[tuple[str, str, Mask], ...] = ()
    ) -> None:  # fmt: skip
        self._stream, self._allowance = stream, allowance
        self.masked = masked  # (dataset, column, mask) of what was read and is not seen as it is
        self.rows = 0
        self.bytes = 0
        self.is_cut = False  # there is more than was given
        self.is_stopped = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Names and the engine's own names of the types."""
        return self._stream.columns

    def blocks(self) -> Iterator[Block]:
        """The rows, a block at a time, as far as the allowance goes."""
        for block in self._stream.blocks():
            left = self._allowance.rows - self.rows
            self.is_cut = len(block) > left
            given = block[:left] if self.is_cut else block
            self.rows += len(given)
            self.bytes += sum(map(_size, given))
            if given:
                yield given
            if self.is_cut:
                return
            if self.bytes > self._allowance.bytes:
                self.is_cut = True
                return

    def all_rows(self) -> list[tuple[object, ...]]:
        """All rows that are given."""
        return [row for block in self.blocks() for row in block]

    def stop(self) -> None:
        """Stop the query; called from another thread."""
        self.is_stopped = True
        self._stream.interrupt()


@dataclass(slots=True)
class Running:
    """Queries that run now, so that whoever asked can stop his."""

    _answers: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, person: Person, answer: Answer) -> None:
        """Note one, under a name that its asker has given it."""
        with self._lock:
            if name in self._answers:
                raise RightsError("a query of this name runs already.")
            self._answers[name] = (person.name, answer)

    def end(self, name: str) -> None:
        """Forget one."""
        with self._lock:
            self._answers.pop(name, None)

    def stop(self, name: str, person: Person) -> None:
        """Stop a query of one's own; an administrator stops anybody's.

        Raises:
            RightsError: there is none of this name that this person may stop.
        """
        with self._lock:
            asker, answer = self._answers.get(name, ("", None))
        if answer is None or (asker != person.name and not person.may("administer")):
            raise RightsError("there is no such query of yours.")
        answer.stop()


def _size(row: tuple[object, ...]) -> int:
    """About how many bytes a row has when it is written down."""
    return sum(
        len(value) if isinstance(value, str | bytes) else 8 if not _is_nested(value) else len(str(value))
        for value in row
    )


def _is_nested(value: object) -> bool:
    return isinstance(value, list | dict | tuple | set)
