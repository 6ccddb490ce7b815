"""Tells whether anybody wrote into a project's folder, without reading what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".sql", ".yml", ".yaml", ".py", ".csv", ".md")
NOT_WRITTEN = {"target", "logs", "__pycache__", "node_modules", "venv"}  # and what begins with a dot


def stamp_of(root: Path) -> tuple[int, int]:
    """What is another value when a file came, went or was written: how many there are, and a sum over their moments."""
    count = moments = 0
    for stat in _stats(str(root)):
        count += 1
        moments = (moments + stat.st_mtime_ns * (stat.st_size + 1)) & 0xFFFFFFFFFFFFFFFF
    return count, moments


def _stats(folder: str) -> Iterator[os.stat_result]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # gone, or not ours to read: then it tells nothing
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in NOT_WRITTEN and not entry.name.startswith("."):
                yield from _stats(entry.path)
        elif entry.name.endswith(SUFFIXES):
            try:
                yield entry.stat()
            except OSError:
                continue
