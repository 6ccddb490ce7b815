"""Has what nobody asked for in a while make way in the cache folder, so that it does not grow for ever.

A scheduler that gives another date in `--vars` each day makes another project of the same files each day.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

from dryland.project.keeping import USED_AGAIN_S
from dryland.values import dataclass

UNUSED_MAX_S = 30 * 86_400.0
BYTES_MAX = 2**30  # a project of a thousand models takes 13 MB
HASH = "[0-9a-f]{16}"
ENDINGS = rf"project|drafts|templates|meanings|unit_tests|{HASH}\.[a-z_.]+"
OURS = re.compile(rf"({HASH}(?:-{HASH})?)\.(?:{ENDINGS})(\.\d+\.\d+)?")  # whoever else keeps files there keeps them


@dataclass(frozen=True, slots=True)
class _File:
    """A file of ours."""

    path: str
    project: str  # what its name begins with
    used_at: float
    size: int
    is_cut_off: bool  # left by a process that was killed while it wrote, or written now


def tidy(folder: Path) -> None:
    """Drop what was not used for a month, and what was used longest ago while there is too much.

    What was used within the last two hours stays, with however many others.
    """
    now = time.time()
    with suppress(OSError):
        files = [*_files(folder)]
        used_at: dict[str, float] = {}
        for each in files:
            used_at[each.project] = max(each.used_at, used_at.get(each.project, 0.0))
        newest_first = sorted(files, key=lambda each: used_at[each.project], reverse=True)
        for each, total in zip(newest_first, accumulate(each.size for each in newest_first), strict=True):
            unused_s = now - used_at[each.project]
            is_too_much = total > BYTES_MAX and unused_s > 2 * USED_AGAIN_S
            is_left = each.is_cut_off and now - each.used_at > USED_AGAIN_S
            if is_too_much or is_left or unused_s > UNUSED_MAX_S:
                with suppress(OSError):  # another process was faster
                    Path(each.path).unlink()


def _files(folder: Path) -> Iterator[_File]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = OURS.fullmatch(entry.name)
            if name is None or not entry.is_file(follow_symlinks=False):
                continue
            found = entry.stat(follow_symlinks=False)
            if os.name != "posix" or found.st_uid == os.getuid():
                yield _File(entry.path, name[1], found.st_mtime, found.st_size, name[2] is not None)
