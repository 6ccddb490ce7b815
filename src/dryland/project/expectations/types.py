"""Names the types of pandas, Spark and warehouses as SQL does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WHOLE = ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint")
PARTS = ("float", "double", "decimal")
GROUPS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    WHOLE: ("int", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bytetype",
            "shorttype", "integertype", "longtype", "integer"),
    PARTS: ("float16", "float32", "float64", "floattype", "doubletype", "decimaltype"),
    ("text",): ("str", "object", "string", "stringtype", "object_", "string_"),
    ("boolean",): ("bool", "bool_", "booleantype"),
    ("timestamp", "timestamptz"): ("datetime64", "datetime64[ns]", "timestamptype", "timestamp", "datetime"),
    ("date",): ("datetype",),
}  # fmt: skip
KNOWN = {name: types for types, names in GROUPS.items() for name in names}


def sql_types(names: Sequence[str]) -> list[str]:
    """The types that are meant; a name of none of these tools is the warehouse's own.

    >>> sql_types(["DateType", "VARCHAR"])
    ['date', 'VARCHAR']
    """
    return list(dict.fromkeys(each for name in names for each in KNOWN.get(name.lower(), (name,))))
