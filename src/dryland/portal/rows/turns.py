"""Lets so many queries run at once, of everybody and of one person; whoever comes then waits a moment for his turn."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dryland.errors import BusyError

AT_ONCE = 6  # a query has a thread while it runs
EACH = 3  # of one person, who else would keep all others waiting
WAIT_S = 5.0
STEP_S = 0.1


@dataclass
class Turns:
    """The queries that run now, by who asked."""

    at_once: int = AT_ONCE
    each: int = EACH
    wait_s: float = WAIT_S
    _running: Counter[str] = field(default_factory=Counter)
    _waiting: Counter[str] = field(default_factory=Counter)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def one(self, person: str, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """A turn of somebody's.

        Raises:
            BusyError: he, or all together, ask too much at once.
        """
        until = time.monotonic() + self.wait_s
        with self._changed:
            if self._waiting[person] >= self.each and not self._is_free(person):  # who waits has a thread, too
                raise BusyError(self._said(person), hint="wait for one to end, or stop it.", retry_after_s=5)
            self._waiting[person] += 1
            try:
                self._wait(person, is_stopped, until)
            finally:
                self._waiting[person] -= 1
                if not self._waiting[person]:
                    del self._waiting[person]
            self._running[person] += 1
        try:
            yield
        finally:
            with self._changed:
                self._running[person] -= 1
                if not self._running[person]:
                    del self._running[person]
                self._changed.notify_all()

    def _wait(self, person: str, is_stopped: Callable[[], bool], until: float) -> None:
        while not self._is_free(person):
            if is_stopped() or time.monotonic() > until:
                raise BusyError(self._said(person), hint="wait for one to end, or stop it.", retry_after_s=5)
            self._changed.wait(STEP_S)

    def _is_free(self, person: str) -> bool:
        return self._running[person] < self.each and self._running.total() < self.at_once

    def _said(self, person: str) -> str:
        if self._running[person] >= self.each:
            return f"{self._running[person]} queries of yours run already."
        return f"{self._running.total()} queries run already."
