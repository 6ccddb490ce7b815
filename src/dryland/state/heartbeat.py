"""Gives signs of life while a process holds a lease, and notices when another took over."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from dryland.errors import StateError
from dryland.state.leases import Leases

BEATS = 4  # in the time of a lease: three may be lost
AGAIN_S = 1.0  # after a beat that failed: metadata that are out of reach for a moment are no reason to stop


class Heartbeat:
    """A thread that dies with its process. Use as a context manager."""

    def __init__(self, store: Leases) -> None:
        self._store = store
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="dryland heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        pause_s = self._store.lease_s / BEATS
        wanted_s = pause_s
        while not self._stopped.wait(wanted_s):
            began = time.monotonic()
            try:
                if not self._store.renew():
                    self._store.lost.set()
                    return
                wanted_s = pause_s
            except StateError:  # until the store is back: it alone knows whether another took over
                wanted_s = max(min(AGAIN_S, pause_s) - (time.monotonic() - began), 0.1)
