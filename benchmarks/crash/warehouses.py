"""Looks into warehouses and metadata with nothing but their drivers: what Dryland says of them is not asked."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STORE = "dryland_store"
NOTES = "published"
PATIENCE_S = 20.0

Ask = Callable[[str], list[tuple[Any, ...]]]
Look = Callable[[], AbstractContextManager[Ask]]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the metadata say."""

    live: Mapping[str, int | None]  # environment -> release
    releases: Mapping[int, tuple[str, str]]  # id -> environment, status
    pointers: Mapping[int, list[Mapping[str, Any]]]  # release -> pointers
    builds: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, int]  # build -> rows that were counted
    passed: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # check (its name), build
    asked: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # the same, whatever it said


def names_in(ask: Ask, schema: str) -> set[str]:
    """Tables and views of a schema."""
    return {
        name for (name,) in ask(f"select table_name from information_schema.tables where table_schema = '{schema}'")
    }


def notes_of(ask: Ask) -> dict[str, str]:
    """Environment -> the release that the warehouse notes, without empty notes."""
    if NOTES not in names_in(ask, STORE):
        return {}
    return {name: note for name, note in ask(f"select environment, release from {STORE}.{NOTES}") if note}


def memory_of(ask: Ask) -> Memory:
    """Everything that the checker needs of the metadata."""
    pointers: dict[int, list[Mapping[str, Any]]] = {}
    linked = "select l.release_id, p.body from release_pointers l join pointers p on p.id = l.pointer_id"
    for release, body in ask(linked):
        pointers.setdefault(release, []).append(_parsed(body))
    verdicts = [(check.split(".")[2], _parsed(body)) for check, body in ask('select "check", body from verdicts')]
    return Memory(
        dict(ask("select name, live_release from environments")),
        {number: (name, status) for number, name, status in ask("select id, environment, status from releases")},
        pointers,
        {key: _parsed(body) for key, body in ask("select key, body from builds")},
        {key: _parsed(body)["rows"] for key, body in ask("select build_key, body from profiles")},
        _on_builds(verdicts, ("pass",)),
        _on_builds(verdicts, ("pass", "warn", "fail", "error")),
    )


def _on_builds(
    verdicts: Iterable[tuple[str, Mapping[str, Any]]], statuses: tuple[str, ...]
) -> frozenset[tuple[str, str]]:
    return frozenset((check, key) for check, body in verdicts if body["status"] in statuses for key in body["builds"])


def _parsed(body: Any) -> Any:
    return json.loads(body) if isinstance(body, str) else body


def asking(connection: Any) -> Ask:
    """Questions to a connection of any driver."""
    return lambda query: connection.execute(query).fetchall()  # type: ignore[no-any-return]


def duckdb_at(path: Path, *, read_only: bool = True) -> Any:
    """A connection to the file, after whoever else has it open has let go."""
    import duckdb

    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower() or time.monotonic() > until:
                raise
            time.sleep(0.02)


def sqlite_at(path: Path) -> Any:
    """A connection to the file; whole only if SQLite says so."""
    connection = sqlite3.connect(path, timeout=PATIENCE_S)
    said = connection.execute("pragma quick_check").fetchall()
    if said != [("ok",)]:
        raise AssertionError(f"the metadata are damaged: {said}")
    return closing(connection)
