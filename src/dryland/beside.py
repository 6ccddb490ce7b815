"""Does something beside what the caller does: while that waits for a warehouse or a disk, Python is free."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dryland.timings import handed_over


@contextmanager
def beside(work: Callable[[], None], name: str) -> Iterator[None]:
    """Have it done on a thread of its own until both are done; what goes wrong there it has to keep to itself.

    `name` is what time goes to that is spent on it.
    """
    thread = threading.Thread(target=handed_over(work, name), name=f"dryland {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
