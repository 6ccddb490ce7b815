"""Knows files: those that an expression such as `read_csv(...)` reads, and those that builds are kept in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.engines.duckdb_catalogue import Asked
from dryland.engines.duckdb_names import literal
from dryland.engines.registry import Address
from dryland.errors import DrylandError

READERS = frozenset(
    """
    parquet_scan read_blob read_csv read_csv_auto read_json read_json_auto read_json_objects read_json_objects_auto
    read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text
    """.split()
)

TEXTS = frozenset({"delimiter", "escape", "null", "quote"})  # options of COPY that are texts, quoted or not
BUILD = re.compile(r"(?P<build>.+__[0-9a-f]{16})(?:\..*)?")  # the name of a file or folder that is a build's


def folder_of(address: Address) -> Path:
    """Where builds that are files are kept: beside the warehouse's own file."""
    path = str(address.settings.get("path", ":memory:"))
    beside = address.root / ".dryland" / "warehouse" if path == ":memory:" else address.root / path
    return beside.resolve().with_name(f"{beside.name}.files")


def writing(options: Mapping[str, str]) -> str:
    """Options of COPY; values are SQL, as dbt has it, but for those that can only be texts."""
    return ", ".join(
        f"{key} {literal(value) if key.lower() in TEXTS and not value.startswith(chr(39)) else value}"
        for key, value in options.items()
    )


def make_room(path: Path) -> None:
    """Take away what a build that did not come to its end has left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(path)


def reading(kind: str, path: str, options: Mapping[str, Any]) -> str:
    """The call of the function that reads files of this kind."""
    given = "".join(f", {key} = {_value(value)}" for key, value in options.items())
    return f"read_{kind}({literal(path)}{given})"


def is_whole(view: str, folder: Path) -> bool:
    """Whether the file that a build's view reads, given its SQL, is there."""
    found = re.search(rf"'{re.escape(str(folder))}/([^/']+)", view)
    return found is None or (folder / found[1]).exists()


def sweep(folder: Path, builds: Collection[str]) -> tuple[str, ...]:
    """Remove the files of all builds but these."""
    found = [(path, made["build"]) for path in _children(folder) if (made := BUILD.fullmatch(path.name))]
    useless = [path for path, build in found if build not in builds]
    for path in useless:
        _remove(path)
    return tuple(sorted(path.name for path in useless))


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


def _value(value: Any) -> str:
    """A value from YAML as DuckDB writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(str(key))}: {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return str(exp.convert(value).sql(dialect="duckdb"))


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
