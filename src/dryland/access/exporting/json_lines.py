"""Writes an answer as JSON, an object for each row and a row for each line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dryland.access.answer import Answer
from dryland.access.exporting.values import as_json


def json_lines(answer: Answer) -> Iterator[bytes]:
    """The file, piece by piece."""
    names = [column.name for column in answer.columns]
    for block in answer.blocks():
        lines = (json.dumps(dict(zip(names, map(as_json, row), strict=True)), ensure_ascii=False) for row in block)
        yield "".join(f"{line}\n" for line in lines).encode()
