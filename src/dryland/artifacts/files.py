"""Writes artifacts: each appears whole or not at all, whoever reads while we write."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

as_json = json.JSONEncoder(default=str, ensure_ascii=False).encode  # as all artifacts have it; one, for there are many


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a value as JSON under a name of its own, then give it the name that readers know."""
    write_text(path, as_json(value))


def write_text(path: Path, text: str) -> None:
    """Write a file in one step."""
    write_texts(path, (text,))


def write_texts(path: Path, texts: Iterable[str]) -> None:
    """The same of a text that comes in parts: a large one is nowhere as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.writelines(texts)
        os.replace(aside, path)  # noqa: PTH105 - it replaces on every system
    finally:
        aside.unlink(missing_ok=True)
