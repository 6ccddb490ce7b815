"""Keeps the session of every running task, so that a time-out stops one task and no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

from dryland.engines.protocol import Engine, Session
from dryland.errors import QueryError

PATIENCE_S = 0.2  # of who closes a door; meanwhile nobody goes in


class _Door:
    """What tasks go through, each on its thread, until somebody closes it."""

    def __init__(self, changed: threading.Condition, moments: Iterator[int]) -> None:
        self._changed = changed
        self._moments = moments
        self.inside: dict[int, int] = {}  # thread -> the moment at which it went in
        self.left_at = 0  # the last moment at which one came out
        self.waiting: set[int] = set()
        self.is_closed = False

    @contextmanager
    def through(self) -> Iterator[None]:
        here = threading.get_ident()
        with self._changed:
            if self.is_closed:
                self.waiting.add(here)
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self.is_closed)
                self.waiting.remove(here)
            self.inside[here] = next(self._moments)
        try:
            yield
        finally:
            with self._changed:
                del self.inside[here]
                self.left_at = next(self._moments)
                self._changed.notify_all()

    @contextmanager
    def closed(self, is_quiet: Callable[[], bool], *, may_close: bool = True) -> Iterator[bool]:
        """Say whether it came to be quiet soon; of two who would close it, one does."""
        with self._changed:
            is_first = may_close and not self.is_closed
            self.is_closed |= is_first
            came_to_be = is_first and self._changed.wait_for(is_quiet, timeout=PATIENCE_S)
        try:
            yield came_to_be
        finally:
            if is_first:
                with self._changed:
                    self.is_closed = False
                    self._changed.notify_all()


class Sessions:
    """Sessions by the name of the task that holds them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[str, Session] = {}
        self._since: dict[int, float] = {}  # by thread, in the order of beginning
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        changed, moments = threading.Condition(), count(1)
        self._at_work, self._writing = _Door(changed, moments), _Door(changed, moments)

    @contextmanager
    def of(self, task: str) -> Iterator[Session]:
        """A session for the task, for the calling thread.

        Raises:
            QueryError: the task was stopped while it did something that no warehouse can stop, such as Python.
        """
        with self._at_work.through(), self._engine.session() as session:
            with self._lock:
                self._held[task] = session
                self._since[threading.get_ident()] = time.monotonic()
            try:
                yield session
            finally:
                with self._lock:
                    del self._held[task]
                    self._since.pop(threading.get_ident(), None)  # it may have been stopped while it waited
        if task in self._cancelled:
            raise QueryError(f"{task} was stopped.")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Within it a task makes its table; it waits while nobody may, and that is no work."""
        here = threading.get_ident()
        with self._lock:
            self._since.pop(here, None)
        with self._writing.through():
            with self._lock:
                self._since[here] = time.monotonic()
            yield

    def no_writers(self) -> AbstractContextManager[bool]:
        """Hold up all that would write, and say whether those that do, or began to read before, came to rest soon.

        Nobody is held up for one that has worked for long already.
        """
        door = self._writing

        def is_quiet() -> bool:
            return not door.inside and all(began > door.left_at for began in self._busy())

        return door.closed(is_quiet, may_close=self.longest_s() <= PATIENCE_S)

    @property
    def are_held_up(self) -> bool:
        """Whether nobody may write."""
        return self._writing.is_closed

    def alone(self) -> AbstractContextManager[bool]:
        """Hold up all tasks that would begin, and say whether those that work came to rest soon."""
        return self._at_work.closed(lambda: not [*self._busy()])

    def _busy(self) -> Iterator[int]:
        """When those began that are at work and do not rest: who waits to write does."""
        return (moment for thread, moment in self._at_work.inside.items() if thread not in self._writing.waiting)

    def longest_s(self) -> float:
        """For how long the one at work has been at it that began first."""
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
