"""Holds the warehouse open for reading, only while somebody reads: a file that is held shuts releases out.

Whoever reads shares it with all others. A while after the last it is closed; and where the warehouse is a file, it is
closed once in a while even among people who never stop asking, so that a release of another process gets in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dryland.engines.protocol import Engine
from dryland.errors import BusyError, WarehouseLockedError

IDLE_S = 2.0  # who asks again within it need not open it again
HELD_S = 5.0  # in a row, by whomever; a release waits ten seconds for a file before it gives up
BREATH_S = 0.7  # that it stays closed then: others look every 0.05 s whether they get it
WAIT_S = 10.0  # for somebody who asks while it is closed to all
GRACE_S = 3.0  # for queries that go on when this very process is about to change what they read
CLOSING_S = 5.0  # for queries to notice that they were stopped
STEP_S = 0.1
NEVER_S = float("inf")  # before queries are stopped, for what can wait
TRY_AGAIN_S = 5


@dataclass
class Warehouse:
    """One warehouse, shared by everybody who reads."""

    opened: Callable[[], Engine]  # for reading alone; waits a while for whoever holds it
    clock: Callable[[], float] = time.monotonic
    on_close: Callable[[], object] = lambda: None
    _engine: Engine | None = None
    _is_shared: bool = False  # whether it is no file, and nobody shuts another out; known once it was open
    _readers: int = 0
    _shut: int = 0
    _is_opening: bool = False
    _opened_at: float = 0.0
    _left_at: float = 0.0
    _open_again_at: float = 0.0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def engine(self) -> Engine:
        """The open warehouse, for whoever is within `reading`."""
        assert self._engine is not None
        return self._engine

    @property
    def is_open(self) -> bool:
        """Whether it is held."""
        return self._engine is not None

    @property
    def is_shut(self) -> bool:
        """Whether this process is about to change what is read, and that takes it alone."""
        return self._shut > 0 and not self._is_shared

    @contextmanager
    def reading(self, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[Engine]:
        """The warehouse, open for as long as somebody is inside.

        Raises:
            WarehouseLockedError: another process holds it.
            BusyError: it is closed to all for longer than anybody waits, or he was stopped before his turn.
        """
        engine = self._entered(is_stopped)
        try:
            yield engine
        finally:
            self._leave()

    @contextmanager
    def shut(self, *, is_urgent: bool = True) -> Iterator[None]:
        """Closed to readers, for whoever in this process opens it himself; where that is urgent queries are stopped.

        Raises:
            WarehouseLockedError: a query does not end.
        """
        with self._changed:
            self._shut += 1
        try:
            if not self._is_shared:
                self._drain(GRACE_S if is_urgent else NEVER_S)
            yield
        finally:
            with self._changed:
                self._shut -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let go of it for good, or until somebody asks again; queries that go on are stopped."""
        with self._changed:
            self._wait_for_readers(grace_s=0.0, patience_s=CLOSING_S)
            self._close()

    def _entered(self, is_stopped: Callable[[], bool]) -> Engine:
        until = self.clock() + WAIT_S
        with self._changed:
            while not self._may_enter():
                if self._engine and not self._readers and self._is_overdue():  # the last one left before it was
                    self._open_again_at = self.clock() + BREATH_S
                    self._close()
                if is_stopped() or self.clock() > until:
                    raise BusyError("the warehouse is closed to readers for a moment.", retry_after_s=TRY_AGAIN_S)
                self._changed.wait(STEP_S)
            self._readers += 1
            if self._engine is not None:
                return self._engine
            self._is_opening = True
        engine = None
        try:
            engine = self.opened()
        finally:
            with self._changed:
                self._is_opening, self._engine, self._opened_at = False, engine, self.clock()
                if engine is None:
                    self._readers -= 1
                else:
                    self._is_shared = engine.is_shared
                self._changed.notify_all()
        return engine

    def _may_enter(self) -> bool:
        if self.is_shut or self._is_opening or self.clock() < self._open_again_at:
            return False
        return self._engine is None or not self._is_overdue()

    def _is_overdue(self) -> bool:
        return not self._is_shared and self.clock() - self._opened_at > HELD_S

    def _leave(self) -> None:
        with self._changed:
            self._readers -= 1
            self._left_at = self.clock()
            if self._readers == 0 and (self.is_shut or self._is_overdue()):
                self._open_again_at = self.clock() + BREATH_S
                self._close()
            elif self._readers == 0:
                later = threading.Timer(IDLE_S, self._close_idle)
                later.daemon = True
                later.start()
            self._changed.notify_all()

    def _close_idle(self) -> None:
        with self._changed:
            if self._readers == 0 and self.clock() - self._left_at >= IDLE_S * 0.9:
                self._close()

    def _drain(self, grace_s: float) -> None:
        with self._changed:
            self._wait_for_readers(grace_s, GRACE_S if grace_s == NEVER_S else GRACE_S + WAIT_S)
            if self._readers:
                raise WarehouseLockedError("somebody's query does not come to its end.", hint="try again.")
            self._close()

    def _wait_for_readers(self, grace_s: float, patience_s: float) -> None:
        """Let them come to their end; after the grace they are stopped, again and again: one may have just begun."""
        began = self.clock()
        while self._readers and (waited := self.clock() - began) <= patience_s:
            if waited >= grace_s and self._engine is not None:
                self._engine.cancel()
            self._changed.wait(STEP_S)

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
            self.on_close()
