"""Does again what a lost connection broke off, when it was seen what of it was done."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from dryland.errors import DrylandError, may_pass

TRIES = 3  # as often as a node is built, unless told
PAUSE_S = 0.1  # doubled each time, with jitter

T = TypeVar("T")


def _nothing() -> None:
    """Nothing of it counts as done."""


def patiently(work: Callable[[], T], found: Callable[[], T | None] = _nothing) -> T:
    """What `work` gives; where it failed for what passes, first what is `found` of it, then the same again."""
    for attempt in range(1, TRIES):
        try:
            return _once(work, found if attempt > 1 else _nothing)
        except DrylandError as error:
            if not may_pass(error):
                raise
        time.sleep(PAUSE_S * 2**attempt * (0.5 + random.random()))
    return _once(work, found)


def _once(work: Callable[[], T], found: Callable[[], T | None]) -> T:
    done = found()
    return work() if done is None else done
