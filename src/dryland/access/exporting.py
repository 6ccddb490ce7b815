"""Writes an answer as a file that people and programs open: CSV, JSON lines, Excel, Parquet or an Arrow stream.

Everything is made block by block, so that a page can send it on while the warehouse still answers. Text that a
spreadsheet would take for a formula is told to be text.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from dryland.access.answer import Answer
from dryland.engines.relation import Column
from dryland.errors import UsageError

FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@|＝＋－＠]|^[\t\r\n]")
"""Text with which spreadsheets calculate, or run programs, when they open a file."""
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")
EXCEL_ROWS_MAX = 1_048_575  # below the header
EXCEL_LETTERS_MAX = 32_767
EXACT = 10**15  # beyond it Excel rounds numbers, which may be somebody's card
CHUNK = 1 << 16
CALLED: Mapping[str, str] = {"parquet": "pyarrow", "arrow": "pyarrow", "xlsx": "xlsxwriter"}
EXTRAS: Mapping[str, str] = {"pyarrow": "arrow", "xlsxwriter": "excel"}


def chunks(answer: Answer, format: str) -> Iterator[bytes]:  # noqa: A002 - the user's word
    """The file, piece by piece.

    Raises:
        UsageError: there is no such format, or what writes it is not installed.
    """
    if format not in FORMATS:
        raise UsageError(f"there is no format `{format}`.", hint=f"there are: {', '.join(FORMATS)}.")
    return FORMATS[format][0](answer)


def media_type(format: str) -> str:  # noqa: A002
    """What a browser is told of a file."""
    return FORMATS[format][1]


def write(answer: Answer, format: str, file: BinaryIO) -> int:  # noqa: A002
    """Write the file; how many rows it has."""
    for chunk in chunks(answer, format):
        file.write(chunk)
    return answer.rows


def neutral(value: object) -> object:
    """A value that no spreadsheet calculates with: text that begins like a formula gets a mark before it.

    >>> neutral("=1+1"), neutral("-5"), neutral("a=b")
    ("'=1+1", '-5', 'a=b')
    """
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.match(value):
        return f"'{value}"
    return value


def _csv(answer: Answer) -> Iterator[bytes]:
    yield _csv_lines([[neutral(column.name) for column in answer.columns]])
    for block in answer.blocks():
        yield _csv_lines([[neutral(_as_text(value)) if value is not None else None for value in row] for row in block])


def _csv_lines(rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _json(answer: Answer) -> Iterator[bytes]:
    names = [column.name for column in answer.columns]
    for block in answer.blocks():
        lines = (json.dumps(dict(zip(names, map(_as_json, row), strict=True)), ensure_ascii=False) for row in block)
        yield "".join(f"{line}\n" for line in lines).encode()


def _xlsx(answer: Answer) -> Iterator[bytes]:
    xlsxwriter = _imported("xlsxwriter", "xlsx")
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
        sheet.write_string(row, at, _as_text(value)[:EXCEL_LETTERS_MAX])


def _parquet(answer: Answer) -> Iterator[bytes]:
    pyarrow, sink = _imported("pyarrow", "parquet"), _Sink()
    from pyarrow.parquet import ParquetWriter

    schema = _schema(pyarrow, answer.columns)
    with ParquetWriter(pyarrow.PythonFile(sink, "w"), schema) as writer:
        for block in answer.blocks():
            writer.write_table(pyarrow.Table.from_batches([_batch(pyarrow, schema, block)]))
            yield sink.taken()
    yield sink.taken()


def _arrow(answer: Answer) -> Iterator[bytes]:
    pyarrow, sink = _imported("pyarrow", "arrow"), _Sink()
    schema = _schema(pyarrow, answer.columns)
    with pyarrow.ipc.new_stream(pyarrow.PythonFile(sink, "w"), schema) as writer:
        for block in answer.blocks():
            writer.write_batch(_batch(pyarrow, schema, block))
            yield sink.taken()
    yield sink.taken()


FORMATS: Mapping[str, tuple[Callable[[Answer], Iterator[bytes]], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/x-ndjson"),
    "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
    "arrow": (_arrow, "application/vnd.apache.arrow.stream"),
}
"""Format -> what writes it, and its media type."""


class _Sink(io.RawIOBase):
    """A file that hands out what was written to it since it was asked before."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _imported(module: str, format: str) -> Any:  # noqa: A002
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"{format} needs {module}, which is not installed.", hint=f'pip install "dryland[{EXTRAS[module]}]"'
        ) from error


def _schema(pyarrow: Any, columns: tuple[Column, ...]) -> Any:
    return pyarrow.schema([(column.name, _arrow_type(pyarrow, column.type)) for column in columns])


def _arrow_type(pyarrow: Any, said: str) -> Any:
    """The type for a column, by the engine's name of its own; what has no plain one travels as text."""
    kind = said.lower()
    exact = re.match(r"^(?:decimal|numeric)\((\d+),\s*(\d+)\)$", kind)
    if exact and int(exact[1]) <= 38:
        return pyarrow.decimal128(int(exact[1]), int(exact[2]))
    made = ARROW.get(re.sub(r"\(.*?\)", "", kind).strip())
    return made(pyarrow) if made else pyarrow.string()


ARROW: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("boolean", "bool"), lambda arrow: arrow.bool_()),
    **dict.fromkeys(("tinyint", "utinyint", "smallint"), lambda arrow: arrow.int16()),
    **dict.fromkeys(("integer", "usmallint"), lambda arrow: arrow.int32()),
    **dict.fromkeys(("bigint", "uinteger"), lambda arrow: arrow.int64()),
    **dict.fromkeys(("ubigint",), lambda arrow: arrow.uint64()),
    **dict.fromkeys(("hugeint",), lambda arrow: arrow.decimal128(38, 0)),
    **dict.fromkeys(("float", "real"), lambda arrow: arrow.float32()),
    **dict.fromkeys(("double", "double precision", "numeric"), lambda arrow: arrow.float64()),
    **dict.fromkeys(("date",), lambda arrow: arrow.date32()),
    **dict.fromkeys(("time", "time without time zone"), lambda arrow: arrow.time64("us")),
    **dict.fromkeys(
        ("timestamp", "timestamp without time zone", "timestamp_s", "timestamp_ms"), lambda arrow: arrow.timestamp("us")
    ),
    "timestamp with time zone": lambda arrow: arrow.timestamp("us", "UTC"),
    **dict.fromkeys(("blob", "bytea"), lambda arrow: arrow.binary()),
}
"""The engines' names of types -> Arrow's; numbers without a scale become floating ones, as in frames."""


def _batch(pyarrow: Any, schema: Any, block: list[tuple[Any, ...]]) -> Any:
    arrays = []
    for at, kind in enumerate(schema.types):
        values = [row[at] for row in block]
        if pyarrow.types.is_string(kind):
            values = [None if value is None else _as_text(value) for value in values]
        elif pyarrow.types.is_floating(kind):
            values = [None if value is None else float(value) for value in values]
        elif pyarrow.types.is_decimal(kind):
            values = [None if value is None else Decimal(value) for value in values]
        arrays.append(pyarrow.array(values, type=kind))
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict | tuple):
        return json.dumps(_as_json(value), ensure_ascii=False)
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _as_json(value: object) -> object:
    """A value in JSON's words; exact numbers that a float would change stay text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() and Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, dict):
        return {str(key): _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return str(value) if isinstance(value, timedelta) else _as_text(value)
