"""Says which type of the warehouse a logical type of ODCS stands for."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.project.odcs.contract import Field

PHYSICAL: Mapping[str, str] = {
    "string": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date",
    "timestamp": "timestamp", "time": "time",
}  # fmt: skip
OF_FORMAT: Mapping[str, str] = {  # Rust's names of numbers, as ODCS has them
    "i8": "tinyint", "i16": "smallint", "i32": "integer", "i64": "bigint", "f32": "real", "f64": "double",
}  # fmt: skip


def physical_type(column: Field) -> str:
    """The type that a column has in the warehouse: what is written, or the usual one of its logical type."""
    if column.physical_type:
        return column.physical_type
    if column.logical_type == "timestamp" and column.options.get("timezone"):
        return "timestamptz"
    of_format = OF_FORMAT.get(str(column.options.get("format") or ""), "")
    return (of_format if column.logical_type in ("integer", "number") else "") or PHYSICAL.get(column.logical_type, "")
