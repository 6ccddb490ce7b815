"""Notices links in a project that lead out of it: nothing is written through them."""

from __future__ import annotations

import os
from pathlib import Path

LED_OUT = "a link in it leads out of the project"


def is_led_out(root: Path, path: str | Path) -> bool:
    """Whether a path that reads as one within the project is outside, since a link on the way leads there."""
    written = Path(os.path.normpath(root / path))
    return written.is_relative_to(root) and not written.resolve().is_relative_to(root.resolve())
