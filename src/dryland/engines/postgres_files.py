"""Copies rows between PostgreSQL and files: CSV as PostgreSQL writes it, Parquet by way of DuckDB."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from dryland.engines.postgres_names import literal, quoted
from dryland.errors import QueryError, UnsupportedError

if TYPE_CHECKING:
    from dryland.engines.postgres_session import PostgresSession

BLOCK = 1 << 20  # bytes that are read or sent at once
NULLS = frozenset({"", "null"})  # what dbt takes for no value in a seed
TEXTS = ("text", "char", "varchar", "json", "xml")  # in which blanks around a value are part of it
ZONED = ("tz", "with time zone")  # endings of the types of moments
WHOLE = frozenset({"smallint", "integer", "int", "bigint"})
OPTIONS = frozenset({"format", "header", "delimiter", "delim", "sep", "quote", "escape", "null", "nullstr"})
AS_POSTGRES = {"delim": "delimiter", "sep": "delimiter", "nullstr": "null"}


def copy_csv_in(session: PostgresSession, table: str, path: str, types: Mapping[str, str], delimiter: str) -> None:
    """Add the rows of a CSV file with a header to a table that has its columns, in that order.

    As dbt reads it: an empty line is a row without values, and every line break is a plain one.

    Raises:
        QueryError: a row has more or fewer fields than the header; with its line.
    """
    names = ", ".join(map(quoted, types))
    readers = [_reader(kind.lower(), session.zone) for kind in types.values()]
    with session.guarded(path), copying(session, f"COPY {table} ({names}) FROM STDIN") as copy:
        for fields in _rows(path, delimiter, len(types)):
            copy.write_row([read(field) for read, field in zip(readers, fields, strict=True)])


def _rows(path: str, delimiter: str, width: int) -> Iterator[list[str]]:
    with Path(path).open(encoding="utf-8-sig") as file:
        rows = csv.reader(file, delimiter=delimiter)
        next(rows, None)
        for found in rows:
            fields = found or [""] * width
            if len(fields) != width:
                raise QueryError(
                    f"{path}:{rows.line_num} has {len(fields)} fields, and the header {width}.",
                    hint="is a delimiter or a line break not quoted?",
                )
            yield fields


def _reader(kind: str, zone: tzinfo) -> Callable[[str], str | None]:
    """What makes a value of a field, for a column of this type."""
    if kind.startswith(TEXTS):
        return lambda field: None if field.strip().lower() in NULLS else field
    if kind.startswith("timestamp") and not kind.endswith(ZONED):
        return lambda field: _clock_face(_bare(field), zone)
    return _whole if kind in WHOLE else _bare


def _clock_face(field: str | None, zone: tzinfo) -> str | None:
    """What a clock in the session's zone shows at a moment that says its own, as dbt writes it."""
    if field is None or "T" not in field:
        return field
    try:
        moment = datetime.fromisoformat(field)
    except ValueError:
        return field  # PostgreSQL says what is wrong with it
    return field if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None).isoformat(sep=" ")


def _bare(field: str) -> str | None:
    bare = field.strip()
    return None if bare.lower() in NULLS else bare


def _whole(field: str) -> str | None:
    """A whole number may be written as `12.0` or `1e3`, to dbt and to us; PostgreSQL wants digits alone."""
    bare = _bare(field)
    if bare is None or bare.lstrip("+-").isdigit():
        return bare
    try:
        number = Decimal(bare)
        return str(int(number)) if number == number.to_integral_value() else bare
    except ArithmeticError:
        return bare  # PostgreSQL says what is wrong with it


def copy_out(session: PostgresSession, query: str, path: str, options: Mapping[str, str]) -> int:
    """Write a query's rows to a file; it appears whole or not at all.

    Raises:
        UnsupportedError: an option that PostgreSQL's COPY has no word for.
    """
    given = {key.lower(): value for key, value in options.items()}
    kind = given.get("format", "").strip("'").lower() or ("parquet" if path.endswith(".parquet") else "csv")
    unknown = sorted(given.keys() - OPTIONS)
    if unknown or kind not in ("csv", "parquet"):
        raise UnsupportedError(
            f"PostgreSQL writes no file with {', '.join(unknown) or 'format ' + kind}.",
            hint=f"it writes csv and parquet, with {', '.join(sorted(OPTIONS))}.",
        )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing", dir=target.parent) as folder:
        part = Path(folder) / "part"
        if kind == "parquet":
            from dryland.engines.postgres_frames import query_as_relation

            written = query_as_relation(session, query)
            count = len(written)
            written.write_parquet(str(part))
        else:
            count = copy_csv_out(session, query, part, _csv_options(given))
        part.replace(target)
    return count


def _csv_options(given: Mapping[str, str]) -> str:
    """Options of COPY as SQL."""
    words = [f"{AS_POSTGRES.get(key, key)} {_option(key, value)}" for key, value in given.items() if key != "format"]
    if "header" not in given:
        words.append("header true")
    return ", ".join(words)


def _option(key: str, value: str) -> str:
    bare = str(value).strip("'")
    if key == "header":
        return "false" if bare.lower() in ("false", "0", "off") else "true"
    return literal(bare)


def copy_csv_out(session: PostgresSession, query: str, path: Path, options: str = "header true") -> int:
    """Write a query's rows to a new CSV file; return how many."""
    statement = f"COPY (\n{query}\n) TO STDOUT (FORMAT csv, {options})"
    with session.guarded(query), session.connection.cursor() as cursor, path.open("wb") as file:
        with cursor.copy(statement) as copy:
            for block in copy:
                file.write(block)
        return int(cursor.rowcount)


def copy_file_in(session: PostgresSession, table: str, columns: list[str], path: Path) -> None:
    """Add the rows of a CSV file of our own making."""
    statement = f"COPY {table} ({', '.join(map(quoted, columns))}) FROM STDIN (FORMAT csv)"
    with session.guarded(statement), path.open("rb") as file, copying(session, statement) as copy:
        while block := file.read(BLOCK):
            copy.write(block)


@contextmanager
def copying(session: PostgresSession, statement: str) -> Iterator[psycopg.Copy]:
    """Copy rows in."""
    with session.connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy
