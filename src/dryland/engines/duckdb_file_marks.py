"""Tells what the files are like that an expression such as `read_csv(...)` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.engines.duckdb_names import literal
from dryland.engines.statement import Asked
from dryland.errors import DrylandError

READERS = frozenset(
    """
    parquet_scan read_blob read_csv read_csv_auto read_json read_json_auto read_json_objects read_json_objects_auto
    read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text
    """.split()
)


def file_marks(session: Asked, expressions: Iterable[str]) -> dict[str, str]:
    """What the files behind each expression are like: names, sizes and times of change.

    An expression is left out when that cannot be told: its files are elsewhere, or it reads more than files.
    """
    return {each: mark for each in expressions if (patterns := _patterns(each)) and (mark := _mark(session, patterns))}


def _patterns(expression: str) -> list[str]:
    """The names of local files in it, as they are written; none when they are not written out."""
    try:
        source = sqlglot.parse_one(f"SELECT * FROM {expression}", dialect="duckdb").find(exp.From)
    except SqlglotError:
        return []
    table = source.this if source else None
    if not isinstance(table, exp.Table):
        return []
    names = [table.name] if isinstance(table.this, exp.Identifier) else list(_first_argument(table.this))
    return [] if any("://" in name for name in names) else names


def _first_argument(function: exp.Expr) -> Iterator[str]:
    """The text, or the list of texts, that a reader of files is called with; nothing of any other function."""
    written = str(function.sql(dialect="duckdb", normalize_functions="lower"))
    name, arguments = written.partition("(")[0], list(function.iter_expressions())
    first = arguments[0] if arguments else None
    texts = first.expressions if isinstance(first, exp.Array) else [first]
    if name in READERS and all(isinstance(each, exp.Literal) and each.is_string for each in texts):
        yield from (str(each.this) for each in texts if each is not None)


def _mark(session: Asked, patterns: list[str]) -> str:
    try:
        found = session.fetch(f"SELECT file FROM glob({literal(patterns)}) ORDER BY file").rows
        return "|".join(_told(Path(name)) for (name,) in found)
    except (DrylandError, OSError):
        return ""


def _told(file: Path) -> str:
    stat = file.stat()
    return f"{file.name}:{stat.st_size}:{stat.st_mtime_ns}"
