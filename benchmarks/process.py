"""Runs a command as a process of its own and tells what it took: time, processor, and memory with its children.

The processor's time is what the system noted when the process and its children ended. Memory is the larger of the peak
of one process, which the system notes too, and of the sum over all of them, which is looked at while they run.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

LOOK_EVERY_S = 0.2
MAXRSS_PER_MB = 1024 if sys.platform == "linux" else 1024 * 1024
SAID, COMPLAINED = "said.txt", "complained.txt"

Words = ParamSpec("Words")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run took."""

    wall_s: float
    processor_s: float
    memory_mb: float


class OutOfTimeError(Exception):
    """The command was ended because it took longer than it may."""


class FailedError(Exception):
    """The command ended as it should not; carries what it said last."""


def spend(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *,
    limit_s: float = math.inf, codes: Collection[int] = (0,),
) -> Spent:  # fmt: skip
    """Run it once in a folder; what it said is in `SAID` there.

    Raises:
        OutOfTimeError: it took longer than `limit_s`.
        FailedError: it ended with none of these codes.
    """
    with (folder / SAID).open("wb") as said, (folder / COMPLAINED).open("wb") as complained:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
            stdout=said, stderr=complained, start_new_session=True,
        )  # fmt: skip
        watch = _Watch(process.pid, limit_s)
        watch.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:  # whoever stops us does not reach a session of its own
            os.killpg(process.pid, signal.SIGKILL)
            raise
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    if watch.is_out_of_time:
        raise OutOfTimeError
    if process.returncode not in codes:
        last = "\n".join((folder / each).read_text(errors="replace")[-2000:] for each in (SAID, COMPLAINED))
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}: {last}")
    seen_mb, peak_mb = watch.memory_mb, used.ru_maxrss / MAXRSS_PER_MB
    if used.ru_maxrss > _own_peak() or not seen_mb:  # otherwise it is ours, which a new process begins with
        seen_mb = max(seen_mb, peak_mb)
    return Spent(wall_s, used.ru_utime + used.ru_stime, seen_mb)


def apart(work: Callable[Words, Answer], *words: Words.args, **named: Words.kwargs) -> Answer:
    """What the work gives, done in another process: one is told the memory of who started it, so we stay small."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *words, **named).result()


def middle_of(runs: Sequence[Spent]) -> Spent:
    """The middle of each measure; of memory the most."""
    return Spent(
        statistics.median(each.wall_s for each in runs),
        statistics.median(each.processor_s for each in runs),
        max(each.memory_mb for each in runs),
    )


def _own_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Watch(threading.Thread):
    """Looks at the memory of a session's processes, and ends them when their time is up."""

    def __init__(self, session: int, limit_s: float) -> None:
        super().__init__(daemon=True)
        self.memory_mb, self.is_out_of_time = 0.0, False
        self._session, self._until, self._done = session, time.monotonic() + limit_s, threading.Event()

    def run(self) -> None:
        while not self._done.wait(LOOK_EVERY_S):
            self.memory_mb = max(self.memory_mb, sum(_memory_mb(each) for each in _processes(self._session)))
            if time.monotonic() > self._until and not self.is_out_of_time:
                self.is_out_of_time = True
                with suppress(ProcessLookupError):
                    os.killpg(self._session, signal.SIGKILL)

    def stop(self) -> None:
        self._done.set()
        self.join()


def _processes(session: int) -> Iterator[Path]:
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            if int((each / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                yield each


def _memory_mb(process: Path) -> float:
    """What is its own, and its share of what it has in common with others."""
    with suppress(OSError):
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
