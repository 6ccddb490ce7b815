"""Keeps the session of every running task, so that a time-out stops one task and no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dryland.engines.protocol import Engine, Session
from dryland.errors import QueryError

PATIENCE_S = 0.2  # of who wants to be alone; meanwhile no task begins


class Sessions:
    """Sessions by the name of the task that holds them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[str, Session] = {}
        self._since: dict[str, float] = {}  # in the order of beginning
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._working = 0
        self._is_alone = False  # somebody is, or waits to be

    @contextmanager
    def of(self, task: str) -> Iterator[Session]:
        """A session for the task, for the calling thread.

        Raises:
            QueryError: the task was stopped while it did something that no warehouse can stop, such as Python.
        """
        with self._at_work(), self._engine.session() as session:
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

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Hold up all tasks that would begin, and say whether those that work came to their end soon.

        Nobody is held up for one that has worked for long already.
        """
        with self._changed:
            is_first = not self._is_alone and self.longest_s() <= PATIENCE_S
            self._is_alone |= is_first
            is_alone = is_first and self._changed.wait_for(lambda: not self._working, timeout=PATIENCE_S)
        try:
            yield is_alone
        finally:
            if is_first:
                with self._changed:
                    self._is_alone = False
                    self._changed.notify_all()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_alone)
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

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
