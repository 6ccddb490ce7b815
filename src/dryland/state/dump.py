"""Writes the whole store to a file of JSON lines, and loads such a file into an empty store."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.migrations import VERSION
from dryland.state.store import State

BATCH_ROWS = 1_000


def dump(state: State, path: Path) -> int:
    """Write every row; return how many. The file appears whole or not at all."""
    draft = path.with_name(path.name + ".part")
    rows = 0
    with state.reading() as connection, draft.open("w") as file:
        file.write(json.dumps({"dryland_state": VERSION}) + "\n")
        for table in _kept():
            for row in connection.execute(sa.select(table)):
                file.write(json.dumps([table.name, dict(row._mapping)], default=_text) + "\n")
                rows += 1
    draft.replace(path)
    return rows


def load(state: State, path: Path) -> int:
    """Fill an empty store from a dump, in one transaction; return the number of rows.

    Raises:
        StateError: the store is not empty, or the file is not a dump of this version.
    """
    with path.open() as file, state.writing() as connection:
        _verify_header(file.readline(), path)
        if any(connection.execute(sa.select(table).limit(1)).first() for table in _kept()):
            raise StateError("the metadata store is not empty.", hint="load into a new one; move the old one away.")
        batches: dict[str, list[dict[str, Any]]] = {}
        rows = 0
        for line in file:
            name, row = json.loads(line)
            batch = batches.setdefault(name, [])
            batch.append(_typed(tables.metadata.tables[name], row))
            rows += 1
            if len(batch) >= BATCH_ROWS:
                connection.execute(tables.metadata.tables[name].insert(), batches.pop(name))
        for name, batch in batches.items():
            connection.execute(tables.metadata.tables[name].insert(), batch)
    return rows


def _kept() -> list[sa.Table]:
    return [table for table in tables.metadata.sorted_tables if table is not tables.meta]


def _verify_header(line: str, path: Path) -> None:
    try:
        version = json.loads(line)["dryland_state"]
    except (ValueError, KeyError, TypeError):
        raise StateError(f"{path} is not a dump of a metadata store.", hint="dryland state dump FILE") from None
    if version != VERSION:
        raise StateError(f"{path} was written by version {version} of the store; this is {VERSION}.")


def _text(value: object) -> str:
    assert isinstance(value, datetime), f"cannot dump {value!r}"
    return value.isoformat()


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if value and isinstance(table.c[name].type, sa.DateTime) else value
        for name, value in row.items()
    }
