"""Writes an answer as a file that people and programs open: the formats, one file for each.

Everything is made block by block, so that a page can send it on while the warehouse still answers. Text that a
spreadsheet would take for a formula is told to be text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from dryland.access.answer import Answer
from dryland.access.exporting.arrow import arrow
from dryland.access.exporting.csv_file import csv
from dryland.access.exporting.excel import xlsx
from dryland.access.exporting.json_lines import json_lines
from dryland.access.exporting.parquet import parquet
from dryland.errors import UsageError
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    write: Callable[[Answer], Iterator[bytes]]
    media_type: str
    ending: str  # of a file's name


FORMATS: Mapping[str, Format] = {
    "csv": Format(csv, "text/csv; charset=utf-8", "csv"),
    "json": Format(json_lines, "application/x-ndjson", "jsonl"),
    "xlsx": Format(xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "parquet": Format(parquet, "application/vnd.apache.parquet", "parquet"),
    "arrow": Format(arrow, "application/vnd.apache.arrow.stream", "arrows"),
}
"""Format -> what writes it, its media type, and how files of it are called."""


def chunks(answer: Answer, format: str) -> Iterator[bytes]:  # noqa: A002 - the user's word
    """The file, piece by piece.

    Raises:
        UsageError: there is no such format, or what writes it is not installed.
    """
    return format_named(format).write(answer)


def media_type(format: str) -> str:  # noqa: A002
    """What a browser is told of a file."""
    return FORMATS[format].media_type


def format_named(name: str) -> Format:
    """A format by its name.

    Raises:
        UsageError: there is none of this name.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format `{name}`.", hint=f"there are: {', '.join(FORMATS)}.")
    return FORMATS[name]


def write(answer: Answer, format: str, file: BinaryIO) -> int:  # noqa: A002
    """Write the file; how many rows it has."""
    for chunk in chunks(answer, format):
        file.write(chunk)
    return answer.rows
