"""Stands between PostgreSQL's clients and its socket, and breaks all connections in the middle of a message."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crash.server import SOCKET


class Wire:
    """Stands between a client and the server, and is cut after so many bytes."""

    def __init__(self, server: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wire-", dir="/tmp"))
        self._server = server
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.bytes = 0
        self.cut_at: int | None = None
        self.was_cut = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / SOCKET))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @contextmanager
    def cut_after(self, count: int | None) -> Iterator[Wire]:
        """Cut it once so many bytes have passed; whoever connects afterwards gets through."""
        self.bytes, self.cut_at, self.was_cut = 0, count, False
        yield self
        self.cut_at = None

    def close(self) -> None:
        """Let nobody through any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for somebody to come
        self._thread.join()
        self._listener.close()
        self._cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.socket(socket.AF_UNIX)
                try:
                    there.connect(str(self._server / SOCKET))
                except OSError:
                    here.close()
                    there.close()
                    continue
                threading.Thread(target=self._connect, args=(here, there), daemon=True).start()

    def _connect(self, here: socket.socket, there: socket.socket) -> None:
        """Carry both ways, until both have come to an end."""
        with here, there:
            with self._lock:
                self._ends |= {here, there}
            back = threading.Thread(target=self._carry, args=(there, here), daemon=True)
            back.start()
            self._carry(here, there)
            back.join()
            with self._lock:
                self._ends -= {here, there}

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                self.bytes += len(data)
                if self.cut_at is not None and self.bytes >= self.cut_at and not self.was_cut:
                    target.sendall(data[: len(data) // 2])  # in the middle of a message
                    self.was_cut = True
                    self._cut()
                    return
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> None:
        with self._lock:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
