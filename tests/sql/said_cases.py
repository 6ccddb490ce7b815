"""Compares what is said of a case with the file that it stands in; its expression has the group `said`."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path


def verify_said(path: Path, case: re.Match[str], said: str) -> None:
    """What is said is what the file expects; with UPDATE_CASES it is written there."""
    if not os.environ.get("UPDATE_CASES"):
        assert said == case["said"]
        return
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several workers may be at it
        text = file.read().replace(case[0], case[0].replace(f"=> {case['said']}", f"=> {said}"))
        file.seek(0)
        file.write(text)
        file.truncate()
