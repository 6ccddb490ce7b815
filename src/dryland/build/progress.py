"""Tells whoever watches how far a run is."""

from __future__ import annotations

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
