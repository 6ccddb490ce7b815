"""Puts a new folder in the place of an old one: whoever is killed in between leaves the one or the other."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
SET_ASIDE = ".old"
FORGOTTEN_S = 24 * 3600.0  # whoever worked in a folder that old is not there any more


@contextmanager
def work_beside(folder: Path) -> Iterator[Path]:
    """A folder for work on the same disk as `folder`; gone afterwards."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}-*"):
        if time.time() - left.stat().st_mtime > FORGOTTEN_S:
            shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def swap(new: Path, folder: Path) -> None:
    """Let `new` become `folder`; what was there stands at `new` afterwards, to be thrown away."""
    put_back(folder)
    if not folder.exists():
        new.rename(folder)
    elif not _exchanged(new, folder):
        aside = folder.with_name(f".{folder.name}{SET_ASIDE}")
        folder.rename(aside)
        new.rename(folder)
        aside.rename(new)


def put_back(folder: Path) -> None:
    """Where two folders cannot be exchanged at once, somebody may have been killed with the old one set aside."""
    aside = folder.with_name(f".{folder.name}{SET_ASIDE}")
    if aside.exists() and not folder.exists():
        aside.rename(folder)
    elif aside.exists():
        shutil.rmtree(aside)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system could exchange two names in one step, as Linux can."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)
