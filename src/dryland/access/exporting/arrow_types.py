"""Says which type of Arrow a column of a warehouse has, and makes record batches of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dryland.access.exporting.values import as_text
from dryland.engines.relation import Column


def schema_of(pyarrow: Any, columns: tuple[Column, ...]) -> Any:
    """The schema of an answer."""
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


def batch_of(pyarrow: Any, schema: Any, block: list[tuple[Any, ...]]) -> Any:
    """A block of rows in that schema."""
    arrays = []
    for at, kind in enumerate(schema.types):
        values = [row[at] for row in block]
        if pyarrow.types.is_string(kind):
            values = [None if value is None else as_text(value) for value in values]
        elif pyarrow.types.is_floating(kind):
            values = [None if value is None else float(value) for value in values]
        elif pyarrow.types.is_decimal(kind):
            values = [None if value is None else Decimal(value) for value in values]
        arrays.append(pyarrow.array(values, type=kind))
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)
