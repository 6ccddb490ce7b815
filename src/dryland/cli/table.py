"""Aligns rows of text into a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from dryland.cli.visible import visible

CELL_MAX = 60


def table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], *, indent: int = 0, cell_max: int = CELL_MAX
) -> list[str]:
    """Lines of a table: numbers to the right, everything else to the left."""
    body = [[_text(value, cell_max) for value in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(header, *body, strict=True)]
    numeric = [bool(rows) and all(isinstance(row[at], int | float | None) for row in rows) for at in range(len(header))]
    pad = " " * indent
    lines = [pad + click.style("  ".join(h.ljust(w) for h, w in zip(header, widths, strict=True)).rstrip(), bold=True)]
    for row in body:
        cells = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ]
        lines.append((pad + "  ".join(cells)).rstrip())
    return lines


def _text(value: Any, cell_max: int) -> str:
    text = "" if value is None else visible(str(value).replace("\n", " ").replace("\t", " "))
    return text if len(text) <= cell_max else text[: cell_max - 1] + "…"
