"""Keeps the session of every running task, so that a time-out stops one task and no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dryland.engines.protocol import Engine, Session
from dryland.errors import QueryError


class Sessions:
    """Sessions by the name of the task that holds them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[str, Session] = {}
        self._since: dict[str, float] = {}  # in the order of beginning
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, task: str) -> Iterator[Session]:
        """A session for the task, for the calling thread.

        Raises:
            QueryError: the task was stopped while it did something that no warehouse can stop, such as Python.
        """
        with self._engine.session() as session:
            with self._lock:
                self._held[task] = session
                self._since[task] = time.monotonic()
            try:
                yield session
            finally:
                with self._lock:
                    del self._held[task], self._since[task]
        if task in self._cancelled:
            raise QueryError(f"{task} was stopped.")

    def longest_s(self) -> float:
        """For how long the oldest of them has been held."""
        with self._lock:
            return time.monotonic() - next(iter(self._since.values())) if self._since else 0.0

    def cancel_of(self, task: str) -> Callable[[], None]:
        """What interrupts the task's statement, when called from another thread."""

        def cancel() -> None:
            self._cancelled.add(task)
            with self._lock:  # nobody closes a session while it is interrupted
                if task in self._held:
                    self._held[task].interrupt()

        return cancel
