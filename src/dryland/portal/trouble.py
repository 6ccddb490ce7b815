"""Tells what was wrong with what somebody asked, and where in it, for a page to show in its place."""

from __future__ import annotations

from dryland.errors import DrylandError
from dryland.portal.statuses import retry_after
from dryland.values import dataclass

WIDTH_MAX = 300  # letters of a line that are shown


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was wrong."""

    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None
    excerpt: str = ""  # the line, and below it a mark
    retry_s: str = ""


def trouble_of(error: DrylandError, sql: str = "") -> Trouble:
    """An error, with the line of the query at which it is."""
    excerpt = _excerpt(sql, error.line, error.column)
    return Trouble(
        error.message, error.hint, error.line, error.column, excerpt, retry_after(error).get("retry-after", "")
    )  # fmt: skip


def _excerpt(sql: str, line: int | None, column: int | None) -> str:
    lines = sql.splitlines()
    if line is None or not 1 <= line <= len(lines):
        return ""
    text = lines[line - 1].replace("\t", " ")[:WIDTH_MAX]
    return text if column is None or column > WIDTH_MAX else f"{text}\n{' ' * (column - 1)}^"
