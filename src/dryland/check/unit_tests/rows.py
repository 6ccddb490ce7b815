"""Writes the rows of unit tests as queries: each value in the type of the column that it stands in."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from dryland.engines.relation import Column
from dryland.errors import ConfigError
from dryland.project.unit_test import Fixture

TEXT_TYPES = ("VARCHAR", "TEXT", "CHAR", "BPCHAR", "STRING", "ENUM", "JSON", "BLOB", "BYTEA", "NAME", "CITEXT")
LIST = {"duckdb": "", "postgres": "ARRAY"}  # by dialect, before the brackets of a list
JSON_ONLY = frozenset({"postgres"})  # dialects that have no mapping but JSON


def given_rows(fixture: Fixture, columns: Sequence[Column], name: str, dialect: str = "duckdb") -> str:
    """A query for rows that are given: all columns of the input, null where a row does not say.

    Columns that nobody knows take the types that the values have by themselves.

    Raises:
        ConfigError: a row names a column that the input does not have, or there is nothing to tell its columns from.
    """
    types = {column.name.lower(): column.type for column in columns}
    rows = [{str(key).lower(): value for key, value in row.items()} for row in fixture.rows]
    named = list(dict.fromkeys(key for row in rows for key in row))
    if not columns:
        return _untyped(rows, named, fixture, name, dialect)
    _verify_known(named, [column.name for column in columns], fixture, f"`{name}`")
    if not rows:
        return empty_rows(columns)
    shown = ", ".join(
        quoted(column.name) if column.name.lower() in named else _null(column) for column in columns
    )  # fmt: skip
    names = {column.name.lower(): column.name for column in columns}
    listed = ", ".join(quoted(names[key]) for key in named)
    return f"SELECT {shown} FROM (VALUES {_values(rows, named, types, dialect)}) AS given({listed})"


def expected_rows(
    fixture: Fixture, columns: Sequence[Column], dialect: str = "duckdb"
) -> tuple[tuple[str, ...], str]:  # fmt: skip
    """The columns that are compared, and a query for the rows that are expected in them.

    They are the columns that the rows name; all of them when there are no rows.

    Raises:
        ConfigError: a row names a column that the model does not make, or other columns than the first row.
    """
    names = {column.name.lower(): column.name for column in columns}
    if not fixture.rows:
        return tuple(names.values()), empty_rows(columns)
    rows = [{str(key).lower(): value for key, value in row.items()} for row in fixture.rows]
    named = list(rows[0])
    _verify_known(named, list(names.values()), fixture, "the model")
    for number, row in enumerate(rows, start=1):
        if row.keys() != rows[0].keys():
            odd = sorted(row.keys() ^ rows[0].keys())
            raise _error(
                f"row {number} of what is expected does not name the same columns as the first: {', '.join(odd)}.",
                fixture, "every expected row names the columns that are compared; null is a value too.",
            )  # fmt: skip
    types = {column.name.lower(): column.type for column in columns}
    listed = ", ".join(quoted(names[key]) for key in named)
    return tuple(names[key] for key in named), (
        f"SELECT * FROM (VALUES {_values(rows, named, types, dialect)}) AS expected({listed})"
    )


def empty_rows(columns: Sequence[Column]) -> str:
    """A query with these columns and no rows."""
    return f"SELECT {', '.join(_null(column) for column in columns)} LIMIT 0"


def quoted(name: str) -> str:
    """A name in SQL.

    >>> print(quoted('a "b"'))
    "a ""b""\"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any, kind: str = "", dialect: str = "duckdb") -> str:
    """A value from YAML in SQL; `kind` is the type that it is about to be cast to.

    >>> literal("it's"), literal(None), literal([1, None, "a"]), literal({"a": 1}, "MAP(VARCHAR, INTEGER)")
    ("'it''s'", 'NULL', "[1, NULL, 'a']", "MAP {'a': 1}")
    >>> print(literal([1, 2], "integer[]", "postgres"), literal({"a": 1}, "jsonb", "postgres"))
    ARRAY[1, 2] '{"a": 1}'
    """
    if value is None:
        return "NULL"
    is_structured = isinstance(value, Mapping) or kind.lower().startswith("json")
    if dialect in JSON_ONLY and is_structured and not isinstance(value, str):
        value = json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{literal(str(key))}: {literal(each)}" for key, each in value.items())
        return f"MAP {{{pairs}}}" if kind.upper().startswith("MAP") else f"{{{pairs}}}"
    if isinstance(value, list | tuple):
        inner = ", ".join(literal(each, dialect=dialect) for each in value)
        return f"{LIST[dialect]}[{inner}]"
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else _text(value)
    return "'" + text.replace("'", "''") + "'"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _values(
    rows: Sequence[Mapping[str, Any]], named: Sequence[str], types: Mapping[str, str], dialect: str
) -> str:  # fmt: skip
    return ", ".join(f"({', '.join(_cell(row.get(key), types[key], dialect) for key in named)})" for row in rows)


def _cell(value: Any, kind: str, dialect: str) -> str:
    """An empty text is nothing in a column that is no text: so the empty fields of a seed are read."""
    if value == "" and not kind.upper().startswith(TEXT_TYPES):
        value = None
    return f"CAST({literal(value, kind, dialect)} AS {kind})"


def _null(column: Column) -> str:
    return f"CAST(NULL AS {column.type}) AS {quoted(column.name)}"


def _untyped(
    rows: Sequence[Mapping[str, Any]], named: Sequence[str], fixture: Fixture, name: str, dialect: str
) -> str:  # fmt: skip
    if not rows:
        raise _error(
            f"nobody knows the columns of `{name}` yet.", fixture,
            "build it first, or give its rows as `format: sql`: select cast(null as integer) as id limit 0",
        )  # fmt: skip
    values = ", ".join(f"({', '.join(literal(row.get(key), dialect=dialect) for key in named)})" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS given({', '.join(quoted(key) for key in named)})"


def _verify_known(named: Sequence[str], known: Sequence[str], fixture: Fixture, whose: str) -> None:
    there = {name.lower() for name in known}
    for key in named:
        if key not in there:
            near = difflib.get_close_matches(key, sorted(there), n=1)
            hint = f"`{near[0]}` is one. " if near else ""
            raise _error(f"`{key}` is no column of {whose}.", fixture, f"{hint}There are: {', '.join(known)}.")


def _error(message: str, fixture: Fixture, hint: str) -> ConfigError:
    return ConfigError(message, path=fixture.place.path, line=fixture.place.line, hint=hint)
