"""Writes an answer as CSV, in which no spreadsheet finds anything to calculate."""

from __future__ import annotations

import csv as csv_module
import io
import re
from collections.abc import Iterator

from dryland.access.answer import Answer
from dryland.access.exporting.values import as_text

FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@|＝＋－＠]|^[\t\r\n]")
"""Text with which spreadsheets calculate, or run programs, when they open a file."""
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def csv(answer: Answer) -> Iterator[bytes]:
    """The file, piece by piece; nothing stands for NULL."""
    yield _lines([[neutral(column.name) for column in answer.columns]])
    for block in answer.blocks():
        yield _lines([[neutral(as_text(value)) if value is not None else None for value in row] for row in block])


def _lines(rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    csv_module.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def neutral(value: object) -> object:
    """A value that no spreadsheet calculates with: text that begins like a formula gets a mark before it.

    >>> neutral("=1+1"), neutral("-5"), neutral("a=b")
    ("'=1+1", '-5', 'a=b')
    """
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.match(value):
        return f"'{value}"
    return value
