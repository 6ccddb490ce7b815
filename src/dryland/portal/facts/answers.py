"""Keeps what was worked out for one for all who ask the same: the newest, and those that are asked for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")
KEPT_MAX = 1_000


class Answers:
    """So many answers, by what was asked; any number of threads ask at once, and one of them works each out."""

    def __init__(self, most: int = KEPT_MAX) -> None:
        self._most = most
        self._kept: OrderedDict[object, Any] = OrderedDict()
        self._turns: dict[object, Lock] = {}
        self._lock = Lock()

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def once(self, key: object, make: Callable[[], T]) -> T:
        """The answer; whoever asks while somebody works it out waits for that."""
        with self._lock:
            if key in self._kept:
                return cast(T, self._found(key))
            turn = self._turns.setdefault(key, Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return cast(T, self._found(key))
            try:
                made = make()
                self._keep(key, made)
            finally:
                self._turns.pop(key, None)
        return made

    def _found(self, key: object) -> Any:
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: object, made: object) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
