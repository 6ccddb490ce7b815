"""Runs and times Dryland and, where it is installed, real dbt beside it in the same run; prints both."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from peers import DBT, DRYLAND
from record import machine, our_versions_told

ROUNDS = 5

Result = tuple[str, float, float | None]
"""What was done, our seconds, and dbt's if it has the like and is installed."""


def report(results: Iterable[Result], subject: str) -> None:
    """Print a table of medians, and each result as JSON to standard error."""
    print(f"\n{machine()}, {our_versions_told()}, {subject}")
    for name, ours_s, theirs_s in results:
        ratio = f"{theirs_s / ours_s:6.1f} x" if theirs_s else "       -"
        beside = f"{theirs_s:8.2f} s" if theirs_s else "        -"
        print(f"{name:<46} {ours_s:8.2f} s {beside} {ratio}")
        print(json.dumps({"what": name, "dryland_s": ours_s, "dbt_s": theirs_s}), file=sys.stderr)


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Seconds that it takes in the middle of several rounds."""
    return statistics.median(timed(work) for _ in range(rounds))


def dryland(project: Path, *words: str) -> None:
    """Run our command in a project."""
    subprocess.run([DRYLAND, *words], cwd=project, check=True, capture_output=True)


def dbt(project: Path, *words: str) -> float | None:
    """Seconds that dbt takes for a command; None when it is not installed."""
    if not DBT.exists():
        return None
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    command = [str(DBT), *(("--no-version-check",) if words != ("--help",) else ()), *words]
    return timed(lambda: subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True))


def dbt_median(project: Path, *words: str, rounds: int = ROUNDS) -> float | None:
    """The middle of several rounds."""
    return statistics.median(dbt(project, *words) or 0 for _ in range(rounds)) if DBT.exists() else None
