"""Writes an answer as a workbook for Excel, a sheet of cells of their own kinds."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dryland.access.answer import Answer
from dryland.access.exporting.extras import imported
from dryland.access.exporting.values import as_text

EXCEL_ROWS_MAX = 1_048_575  # below the header
EXCEL_LETTERS_MAX = 32_767
EXACT = 10**15  # beyond it Excel rounds numbers, which may be somebody's card
CHUNK = 1 << 16


def xlsx(answer: Answer) -> Iterator[bytes]:
    """The file, piece by piece; a workbook is whole only at its end, and waits on disk for it."""
    xlsxwriter = imported("xlsxwriter", "xlsx")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd hh:mm:ss"}  # fmt: skip
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, options) as book:
            sheet, dates = book.add_worksheet("data"), book.add_format({"num_format": "yyyy-mm-dd"})
            for at, column in enumerate(answer.columns):
                sheet.write_string(0, at, column.name)
            number = 0
            for block in answer.blocks():
                for row in block:
                    number += 1
                    if number > EXCEL_ROWS_MAX:
                        answer.is_cut = True
                        break
                    for at, value in enumerate(row):
                        _write_cell(sheet, number, at, value, dates)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write_cell(sheet: Any, row: int, at: int, value: object, dates: Any) -> None:
    """A cell of the value's own kind; text is text, whatever it begins with."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, int | float | Decimal) and math.isfinite(value) and -EXACT < value < EXACT:
        sheet.write_number(row, at, value)
    elif isinstance(value, datetime) and value.tzinfo is None and value.year >= 1900:
        sheet.write_datetime(row, at, value)
    elif isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
        sheet.write_datetime(row, at, value, dates)
    else:
        sheet.write_string(row, at, as_text(value)[:EXCEL_LETTERS_MAX])
