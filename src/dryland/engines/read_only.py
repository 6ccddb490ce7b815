"""Says how a warehouse answers a stranger's query: read only, within bounds, and in blocks of rows.

Whoever asks has looked at the query already and let it through. What an engine does here is the second wall: it holds
where the first was mistaken, and knows nothing of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from dryland.engines.relation import Column
from dryland.errors import DrylandError, StepTimeoutError
from dryland.values import dataclass

Block = list[tuple[Any, ...]]
BLOCK_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of the warehouse one query may have."""

    timeout_s: float = 30.0
    block_rows: int = BLOCK_ROWS
    role: str = ""  # of the warehouse, for as long as the query runs; where there are no roles it says nothing


class Stream(Protocol):
    """The answer to one query, while it is read; its blocks can be had once."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Names and the engine's own names of the types."""
        ...

    def blocks(self) -> Iterator[Block]:
        """The rows, a block at a time; no more of them is in memory than that."""
        ...

    def interrupt(self) -> None:
        """Stop the query; called from another thread."""
        ...


@contextmanager
def timed_out(timeout_s: float, interrupt: Callable[[], None]) -> Iterator[None]:
    """Interrupt what happens inside when its time is over, and say that it was the time.

    Raises:
        StepTimeoutError: the time was over before the end.
    """
    late = threading.Event()
    over = threading.Event()

    def stop() -> None:
        late.set()
        while not over.wait(0.05):  # a statement that begins just now is interrupted as well
            interrupt()

    timer = threading.Timer(timeout_s, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except DrylandError as error:
        if late.is_set():
            raise StepTimeoutError(
                f"the query took longer than the {timeout_s:g} s that it may.",
                hint="ask for less: a filter, fewer joins, or an aggregate of it.",
            ) from error
        raise
    finally:
        over.set()
        timer.cancel()
