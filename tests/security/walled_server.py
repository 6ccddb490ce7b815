"""Starts a PostgreSQL that asks for passwords and is reached through TLS, as those of other people are."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from tls_door import tls_door

from postgres_server import QUICKLY, Server, running_server

WHO_MAY = "local all postgres trust\nlocal all all scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Walled:
    """A running server: its owner comes in as he is, everybody else through TLS and with a password."""

    server: Server
    port: int
    papers: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def owner(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection of its superuser."""
        return self.server.connect(database)

    def somebody(self, database: str, role: str, password: str, **more: Any) -> psycopg.Connection[Any]:
        """A connection of somebody who is not Dryland."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=role, password=password, dbname=database, autocommit=True, **more
        )

    def new_role(self, name: str, password: str) -> str:
        """A role that may log in, and nothing else; its name, which is new."""
        role = f"{name}_{next(self._numbers)}"
        with self.owner() as connection:
            connection.execute(
                sql.SQL("create role {} login password {}").format(sql.Identifier(role), sql.Literal(password))
            )
        return role

    def settings(self, database: str, user: str, password: str, **more: Any) -> dict[str, Any]:
        """A profile that reaches it as others do."""
        return {"type": "postgres", "host": "127.0.0.1", "port": self.port, "user": user, "password": password,
                "dbname": database, "schema": "main", "threads": 2, **more}  # fmt: skip

    @property
    def log(self) -> str:
        """What the server wrote down."""
        return (Path(self.server.folder) / "log").read_text(errors="replace")


@contextmanager
def walled_server() -> Iterator[Walled]:
    """One server, stopped and removed at the end."""
    papers = Path(tempfile.mkdtemp(prefix="papers"))  # the server's own user must reach it, and it cannot pytest's
    papers.chmod(0o755)
    (papers / "hba").write_text(WHO_MAY)
    settings = {**QUICKLY, "hba_file": f"{papers}/hba", "password_encryption": "scram-sha-256"}
    try:
        with running_server(settings) as server, tls_door(papers, f"{server.folder}/.s.PGSQL.5432") as port:
            yield Walled(server, port, papers)
    finally:
        shutil.rmtree(papers, ignore_errors=True)
