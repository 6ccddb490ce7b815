"""Writes artifacts: each appears whole or not at all, whoever reads while we write."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a value as JSON under a name of its own, then give it the name that readers know."""
    write_text(path, as_json(value))


def as_json(value: object) -> str:
    """JSON as all artifacts have it."""
    return json.dumps(value, default=str, ensure_ascii=False)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, path)  # noqa: PTH105 - it replaces on every system
    finally:
        aside.unlink(missing_ok=True)
