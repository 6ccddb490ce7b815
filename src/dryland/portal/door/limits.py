"""Counts what somebody asks for, and says how long to wait when it is too much at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import field

from dryland.values import dataclass

KEPT_MAX = 10_000  # who was counted; whoever asked least lately is forgotten first


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and so many in each second after that."""

    burst: float
    per_s: float


SIGNED_IN = Limit(burst=200, per_s=20)  # of one person: pages, their parts, and programs with his tokens
STRANGER = Limit(burst=60, per_s=2)  # of one address that nobody is signed in from
SIGN_IN = Limit(burst=20, per_s=0.1)  # attempts of one address, whatever names they are for
PASSWORD = Limit(burst=5, per_s=5 / 900)  # guesses of one person's own password, where he is signed in already


@dataclass
class Limits:
    """What was asked for lately, in the memory of this server alone."""

    clock: Callable[[], float]
    _left: OrderedDict[tuple[Limit, str], tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, limit: Limit, who: str) -> float:
        """Count one more; 0 where it may go on, or else in how many seconds it may."""
        now, key = self.clock(), (limit, who)
        with self._lock:
            left, at = self._left.pop(key, (limit.burst, now))
            left = min(left + (now - at) * limit.per_s, limit.burst)
            is_free = left >= 1
            self._left[key] = (left - 1 if is_free else left, now)
            while len(self._left) > KEPT_MAX:
                self._left.popitem(last=False)
        return 0.0 if is_free else (1 - left) / limit.per_s
