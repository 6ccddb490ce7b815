"""Defines a task, how it ended, and how hard to try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from dryland.errors import DrylandError
from dryland.values import dataclass

Status = Literal["done", "rejected", "failed", "blocked", "later"]


def leave_alone() -> None:
    """The task has nothing that could be cancelled."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, after everything it needs."""

    name: str
    work: Callable[[], Ended]
    needs: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()  # comes after these as well, however they ended
    action: str = "build"
    counts: bool = True  # shown as progress
    goes_on_after_rejection: bool = False  # needs what others made, not that their checks said yes
    cancel: Callable[[], None] = leave_alone  # stops this task's statement, and no other's


@dataclass(frozen=True, slots=True)
class Ended:
    """How a task ended; `done` lets others go on, `later` is tried again, anything else blocks those that need it."""

    status: Status
    message: str = ""
    action: str = ""
    rows: int | None = None
    value: Any = None
    error: DrylandError | None = None
    began: datetime | None = None  # UTC, as all moments that are remembered
    duration_s: float = 0.0
    culprits: tuple[str, ...] = ()  # for blocked: the tasks that did not end well


class NotYetError(Exception):
    """A task cannot be done yet, for what it says; it holds no thread while it is put off."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard to try."""

    threads: int = 4
    retries: int = 2
    timeout_s: float | None = None
