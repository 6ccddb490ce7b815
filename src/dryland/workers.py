"""Shares work that needs nothing but its arguments with other processes, as many as the machine has cores.

Python runs on one core at a time. To read a large project for the first time is work on thousands of texts, each by
itself: a few processes of ours do their share of it, and are gone when it is done.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

Item = TypeVar("Item")

WORKERS_MAX = 7  # more would wait for the one that hands out
SERVING = (sys.executable, "-P", "-c", "from dryland.workers import serve; serve()")  # -P: no module of the project's


class Workers:
    """Processes that are started when there is something to share. Use as a context manager."""

    def __init__(self, count: int | None = None) -> None:
        self._count = (min(_cores() - 1, WORKERS_MAX) if count is None else count) if _is_python() else 0
        self._processes: list[subprocess.Popen[bytes]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes or ():
            if kind is not None:  # a person pressed Ctrl-C: nobody waits for what is not wanted any more
                process.kill()
            with suppress(OSError):
                process.communicate()  # they end when nothing comes any more

    @property
    def are_there(self) -> bool:
        """Whether any were started."""
        return bool(self._processes)

    def share(
        self, work: Callable[[Item], bytes], items: Sequence[Item], tell: Callable[[int], None] = lambda more: None
    ) -> list[bytes | None]:  # fmt: skip
        """What `work`, a function of a module, gives for each item; this process does its share of it too.

        None where it raised something or its process died: who does that again sees what is wrong. `tell` is told how
        many more are done, as if all were as fast as this process.
        """
        processes = self._started()
        shares = [items[at :: len(processes) + 1] for at in range(len(processes) + 1)]
        for process, share in zip(processes, shares[1:], strict=True):
            _send(process, pickle.dumps((work, share)))
        done: list[bytes | None] = [None] * len(items)
        for at, item in zip(range(0, len(items), len(shares)), shares[0], strict=True):
            done[at] = _tried(work, item)
            tell(min(len(shares), len(items) - at))
        for at, (process, share) in enumerate(zip(processes, shares[1:], strict=True), 1):
            done[at :: len(shares)] = _received(process, len(share))
        return done

    def _started(self) -> list[subprocess.Popen[bytes]]:
        if self._processes is None:
            self._processes = []
            with suppress(OSError):  # then all is done here
                for _ in range(self._count):
                    self._processes.append(_start())
        return self._processes


def serve() -> None:
    """Do what comes in until nothing comes any more: this is what a process of `Workers` does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it decides
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever is printed must not come in between
    with suppress(EOFError, BrokenPipeError):
        while True:
            work, items = pickle.load(source)  # noqa: S301 - from the process that started this one
            pickle.dump([_tried(work, item) for item in items], sink)
            sink.flush()


def _start() -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(SERVING, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603 - ours


def _send(process: subprocess.Popen[bytes], share: bytes) -> None:
    assert process.stdin is not None
    with suppress(OSError):  # it is dead, and nothing will come back
        process.stdin.write(share)
        process.stdin.flush()


def _received(process: subprocess.Popen[bytes], count: int) -> list[bytes | None]:
    assert process.stdout is not None
    try:
        found: list[bytes | None] = pickle.load(process.stdout)  # noqa: S301 - from a process of ours
    except (EOFError, OSError, pickle.UnpicklingError):
        return [None] * count
    return found if len(found) == count else [None] * count


def _tried(work: Callable[[Any], bytes], item: object) -> bytes | None:
    try:
        return work(item)
    except Exception:  # whatever is wrong is found again, and told, by who asked
        return None


def _is_python() -> bool:
    """Whether what runs here could be started again to serve: a server that has Python inside could not."""
    return "python" in Path(sys.executable or "").name.lower()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
