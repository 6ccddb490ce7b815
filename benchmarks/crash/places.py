"""Puts a mill somewhere: DuckDB beside SQLite, PostgreSQL beside either of SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from crash.disk import Disk
from crash.mill import batch_rows
from crash.server import USER, Server
from crash.warehouses import Ask, asking, duckdb_at, sqlite_at
from crash.wire import Wire

HOST = "CRASH_HOST"  # where the project finds the server: directly, or over a wire that will be cut
MEMORY, MEMORY_SCHEMA = "memory", "dryland_state"
ARRIVALS = "id integer, batch integer, amount integer, arrived_at timestamp"


class Place(Protocol):
    """A warehouse, its metadata, and the folder of the project."""

    name: str
    root: Path
    profile: str
    state_url: str
    disks: tuple[Disk, ...]
    server: Server | None
    wire: Wire | None
    reader: tuple[str, str]  # which one, and where it looks

    def warehouse(self) -> AbstractContextManager[Ask]:
        """Questions to the warehouse."""

    def memory(self) -> AbstractContextManager[Ask]:
        """Questions to the metadata."""

    def arrive(self, batch: int) -> None:
        """Load a batch."""

    def environment(self, *, wired: bool = False) -> dict[str, str]:
        """What a verb needs to find the server."""

    def close(self) -> None:
        """Let go of everything."""


class OnDuckDB:
    """A file, and SQLite beside it."""

    server, wire = None, None
    state_url = ""
    profile = "{type: duckdb, path: warehouse.duckdb, schema: main, threads: 2}"

    def __init__(self, folder: Path) -> None:
        self.name = "DuckDB, metadata in SQLite"
        disk = Disk(folder / "disk")
        self.disks = (disk,)
        self.root = disk.folder / "mill"
        self.root.mkdir()
        self._file = self.root / "warehouse.duckdb"
        self.reader = ("duckdb", str(self._file))
        with duckdb_at(self._file, read_only=False) as connection:
            connection.execute(f"create schema raw; create table raw.arrivals ({ARRIVALS})")

    @contextmanager
    def warehouse(self) -> Iterator[Ask]:
        """Questions to the file."""
        with duckdb_at(self._file) as connection:
            yield asking(connection)

    @contextmanager
    def memory(self) -> Iterator[Ask]:
        """Questions to the metadata."""
        with sqlite_at(self.root / ".dryland" / "state.db") as connection:
            yield asking(connection)

    def arrive(self, batch: int) -> None:
        """Load a batch."""
        with duckdb_at(self._file, read_only=False) as connection:
            connection.executemany("insert into raw.arrivals values (?, ?, ?, ?)", batch_rows(batch))

    def environment(self, *, wired: bool = False) -> dict[str, str]:
        """Nothing: the file is where it is."""
        return {}

    def close(self) -> None:
        """Take the disk away."""
        for disk in self.disks:
            disk.close()


class OnPostgres:
    """A server of our own; the metadata in another database of it, or in SQLite."""

    profile = (
        f"{{type: postgres, host: \"{{{{ env_var('{HOST}') }}}}\", user: {USER}, password: '', port: 5432, "
        "dbname: postgres, schema: main, threads: 2}"
    )

    def __init__(self, folder: Path, *, remembers_there: bool) -> None:
        self.name = f"PostgreSQL, metadata in {'PostgreSQL' if remembers_there else 'SQLite'}"
        disks = [Disk(folder / "server")] if remembers_there else [Disk(folder / "server"), Disk(folder / "disk")]
        self.disks = tuple(disks)
        self.root = (folder if remembers_there else disks[-1].folder) / "mill"
        self.root.mkdir()
        self.server = Server(disks[0].folder)
        self.wire = Wire(self.server.socket)
        self.reader = ("postgres", str(self.server.socket))
        self._remembers_there = remembers_there
        where = (
            f"postgresql+psycopg://{USER}@/{MEMORY}?host={{{{ env_var('{HOST}') }}}}&application_name=dryland-memory"
        )
        self.state_url = where if remembers_there else ""
        with self.server.connect_patiently("postgres") as connection:
            connection.execute(f"create schema raw; create table raw.arrivals ({ARRIVALS})")
            connection.execute(f"create database {MEMORY}")

    @contextmanager
    def warehouse(self) -> Iterator[Ask]:
        """Questions to the warehouse's database."""
        with self.server.connect_patiently("postgres") as connection:
            yield asking(connection)

    @contextmanager
    def memory(self) -> Iterator[Ask]:
        """Questions to the metadata."""
        where = (
            self.server.connect_patiently(MEMORY)
            if self._remembers_there
            else sqlite_at(self.root / ".dryland" / "state.db")
        )
        with where as connection:
            if self._remembers_there:
                connection.execute(f"set search_path to {MEMORY_SCHEMA}")
            yield asking(connection)

    def arrive(self, batch: int) -> None:
        """Load a batch."""
        with self.server.connect_patiently("postgres") as connection, connection.cursor() as cursor:
            cursor.executemany("insert into raw.arrivals values (%s, %s, %s, %s)", batch_rows(batch))

    def environment(self, *, wired: bool = False) -> dict[str, str]:
        """Where the server is, or the wire to it."""
        return {HOST: str(self.wire.folder if wired else self.server.socket)}

    def close(self) -> None:
        """Stop the server, and take the disks away."""
        self.wire.close()
        with suppress(AssertionError):
            self.server.stop(at_once=True)
        for disk in self.disks:
            disk.close()
        for folder in (self.wire.folder, self.server.socket):
            shutil.rmtree(folder, ignore_errors=True)
