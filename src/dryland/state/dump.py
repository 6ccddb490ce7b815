"""Writes the whole store to a file of JSON lines, and loads such a file into an empty store."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.migrations import VERSION
from dryland.state.store import State

BATCH_ROWS = 1_000
BYTEWISE = {"sqlite": "BINARY", "postgresql": "C"}
"""Dialect -> the collation that compares text byte by byte."""


def dump(state: State, path: Path) -> int:
    """Write every row, as of one moment; return how many. The file appears whole or not at all.

    Raises:
        StateError: the file cannot be written.
    """
    if path.is_dir():
        raise StateError(f"{path} is a folder.", hint="give the name of a file: dryland state dump metadata.jsonl")
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w") as file:
            rows = _write(state, file)
        draft.replace(path)
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}.") from error
    return rows


def _write(state: State, file: TextIO) -> int:
    rows = 0
    file.write(json.dumps({"dryland_state": VERSION}) + "\n")
    with state.reading() as connection:
        for table in _kept():
            for row in connection.execute(sa.select(table).order_by(*_in_order(table, connection.dialect.name))):
                file.write(json.dumps([table.name, dict(row._mapping)], default=_text) + "\n")
                rows += 1
    return rows


def load(state: State, path: Path) -> int:
    """Fill an empty store from a dump, in one transaction; return the number of rows.

    Raises:
        StateError: the store is not empty, or the file is not a dump of this version.
    """
    if path.is_dir():
        raise StateError(f"{path} is a folder.", hint="give the name of the file that `dryland state dump` wrote.")
    with path.open() as file, state.writing() as connection:
        _verify_header(file.readline(), path)
        if any(connection.execute(sa.select(table).limit(1)).first() for table in _kept()):
            raise StateError("the metadata store is not empty.", hint="load into a new one; move the old one away.")
        batches: dict[sa.Table, list[dict[str, Any]]] = {}
        rows = 0
        for rows, line in enumerate(file, start=1):
            table, row = _parse_row(line, path, rows + 1)
            batch = batches.setdefault(table, [])
            batch.append(row)
            if len(batch) >= BATCH_ROWS:
                connection.execute(table.insert(), batches.pop(table))
        for table, batch in batches.items():
            connection.execute(table.insert(), batch)
        COUNT_ON.get(connection.dialect.name, _goes_on_by_itself)(connection)
    return rows


def _goes_on_by_itself(_: sa.Connection) -> None:
    """SQLite counts on from the largest number that is there."""


def _count_on(connection: sa.Connection) -> None:
    """PostgreSQL numbers rows by counters, which know nothing of rows that came with their numbers."""
    schema = str(connection.schema_for_object(tables.meta))
    quoted = connection.dialect.identifier_preparer.quote
    for table in _kept():
        column = table.autoincrement_column
        if column is not None:
            counter = sa.func.pg_get_serial_sequence(f"{quoted(schema)}.{quoted(table.name)}", column.name)
            last = sa.select(sa.func.max(column)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(counter, sa.func.coalesce(last, 1), last.is_not(None))))


COUNT_ON = {"postgresql": _count_on}


def _in_order(table: sa.Table, dialect: str) -> list[sa.ColumnElement[Any]]:
    """By the key, byte by byte, so that equal stores give equal dumps wherever they are."""
    bytewise = BYTEWISE.get(dialect)
    return [
        sa.collate(column, bytewise) if bytewise and isinstance(column.type, sa.Text) else column
        for column in table.primary_key
    ]


def _kept() -> list[sa.Table]:
    """Not who is at work or signed in now: nobody is in a store that was loaded. Hashes of passwords and tokens are.

    Nor what was learned from what is kept: it is learned again.
    """
    now = (tables.meta, tables.writers, tables.claims, tables.sessions, tables.sign_in_attempts, tables.monitor_habits)
    return [table for table in tables.metadata.sorted_tables if table not in now]


def _verify_header(line: str, path: Path) -> None:
    try:
        version = json.loads(line)["dryland_state"]
    except (ValueError, KeyError, TypeError):
        raise StateError(f"{path} is not a dump of a metadata store.", hint="dryland state dump FILE") from None
    if version not in range(1, VERSION + 1):  # migrations so far only add tables, so older dumps fit
        raise StateError(f"{path} was written by version {version} of the store; this is {VERSION}.")


def _text(value: object) -> str:
    assert isinstance(value, datetime), f"cannot dump {value!r}"
    return value.isoformat()


def _parse_row(line: str, path: Path, number: int) -> tuple[sa.Table, dict[str, Any]]:
    try:
        name, row = json.loads(line)
        table = tables.metadata.tables[name]
        return table, {column.name: _typed(column, row[column.name]) for column in table.columns}
    except (ValueError, KeyError, TypeError):
        raise StateError(
            "this line of a dump is damaged; nothing was loaded.", hint="is the file whole?", path=path, line=number
        ) from None


def _typed(column: sa.Column[Any], value: Any) -> Any:
    return datetime.fromisoformat(value) if value and isinstance(column.type, sa.DateTime) else value
