"""Tells whoever watches how far a run is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One moment of a run: `done` of `total` tasks are finished, `running` are under way."""

    kind: Literal["start", "step_started", "step_finished", "waiting", "end"]
    node: str = ""
    action: str = ""
    status: str = ""
    done: int = 0
    total: int = 0
    running: tuple[str, ...] = ()
    message: str = ""
    rows: int | None = None
    duration_s: float = 0.0


class Progress(Protocol):
    """Somebody who watches. Called from several threads, one call at a time."""

    def on(self, event: Event) -> None:
        """Take note of an event; must return quickly and never raise."""
        ...


class Silence:
    """Nobody watches."""

    def on(self, event: Event) -> None:
        """Take no note."""


@contextmanager
def watched(progress: Progress, total: int, name: str) -> Iterator[Callable[[int], None]]:
    """Tell of a work on so many things that is no run; what is yielded is told of how many are done since."""
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        progress.on(Event("step_started", done=done, total=total, running=(name,)))

    progress.on(Event("start", total=total))
    try:
        yield tell
    finally:
        progress.on(Event("end", done=done, total=total))
