"""Ends a process without taking apart, object by object, what it has in memory.

Of a large project that takes longer than many a verb. Whatever has to be closed was closed by who opened it.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def leave(exit_code: int) -> NoReturn:
    """Wait for threads that have to come to an end, do what was left for the end, and go.

    Where somebody looks on (a profiler, a debugger) it ends as all Python does, and where an answer could not be
    written: that is said then.
    """
    is_watched = sys.getprofile() or sys.gettrace() or sys.flags.interactive
    if is_watched or not _is_written():
        sys.exit(exit_code)
    threading._shutdown()  # type: ignore[attr-defined]  # as Python does: pools of threads are told that this is the end
    atexit._run_exitfuncs()
    if not _is_written():
        sys.exit(exit_code)
    os._exit(exit_code)


def _is_written() -> bool:
    """Whether all that was said has left this process; who has gone in the meantime, as `head` does, misses nothing."""
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # none where it was closed from the start
            with suppress(BrokenPipeError):
                stream.flush()
    except (OSError, ValueError):
        return False
    return True
