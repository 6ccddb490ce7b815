"""Says how somebody may watch while a project is read: thousands of files take their time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Tell = Callable[[int], None]
"""Told how many more are done."""
Watching = Callable[[int, str], AbstractContextManager[Tell]]
"""Told of how many things there are to be done, and what that is called."""


def nobody_told(more: int) -> None:
    """Nobody wants to know."""


def unwatched(total: int, name: str) -> AbstractContextManager[Tell]:
    """Nobody watches."""
    return nullcontext(nobody_told)
