"""A project that several processes work on, with warehouse and metadata on DuckDB, SQLite or PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from postgres_server import Server

LEASE_S = 3  # where a test waits for its end
NAP = {  # a query that takes so many seconds, about
    "postgres": "(select 1 from pg_sleep({seconds})) is not null",
    "duckdb": "(select count(*) from range(20000) a, range({seconds} * 4500) b where hash(a.range + b.range) = 1) < 9",
}
WORLDS = ("duckdb+sqlite", "duckdb+postgres", "postgres+sqlite", "postgres+postgres")
SHARED = ("postgres+sqlite", "postgres+postgres")


@dataclass
class Team:
    """A project and the processes at work on it."""

    workspace: Any
    warehouse: str
    server: Server | None = None
    database: str = ""
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.workspace, name)

    def nap(self, seconds: float) -> str:
        return NAP[self.warehouse].format(seconds=seconds)

    def with_short_leases(self) -> None:
        """Have whoever is not heard of for a moment taken for dead."""
        file = self.root / "dryland.yml"
        file.write_text(f"{file.read_text()}lease: {LEASE_S}\n")

    @contextmanager
    def closed(self) -> Iterator[str]:
        """A condition whose query comes to its end when this is over."""
        assert self.server is not None
        with self.server.connect(self.database) as connection:
            connection.execute("select pg_advisory_lock(42)")
            yield "cast(pg_advisory_xact_lock_shared(42) as text) = ''"

    def until_one_stands_before_it(self) -> None:
        """Wait until a query asks for what is `closed`: its process has nothing else in hand then."""
        waiting = (
            "select 1 from pg_locks join pg_database on database = pg_database.oid "
            "where locktype = 'advisory' and not granted and datname = current_database()"
        )
        self.until(lambda: self.rows(waiting))

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process of somebody in the team."""
        process = subprocess.Popen(
            [sys.executable, "-m", "dryland", *words], cwd=self.root, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        self.processes.append(process)
        return process

    def at_work(self) -> dict[str, Any]:
        return json.loads(self.dryland("runs", "--json").out)

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> Any:
        """Wait for something to happen."""
        began = time.monotonic()
        while not (found := condition()):
            assert time.monotonic() - began < seconds, self.at_work()
            time.sleep(0.05)
        return found

    def until_builds(self, environment: str = "prod") -> dict[str, Any]:
        """Wait until a process is at its run for an environment."""

        def run() -> Any:
            held = self.at_work()["holding"]
            return next((each for each in held if each["scope"] == environment and each["run"]), None)

        return self.until(run)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse as a reader."""
        if self.server is None or self.warehouse == "duckdb":
            return self.sql(query)
        with self.server.connect(self.database, options="-c search_path=main") as connection:
            return connection.execute(query).fetchall()

    def builds_of(self, name: str) -> list[str]:
        """Tables of a model in the store."""
        query = "select table_name from information_schema.tables where table_schema = 'dryland_store'"
        return sorted(found for (found,) in self.rows(query) if found.startswith(f"{name}__"))


def hears(process: subprocess.Popen[str], words: str) -> str:
    """Wait until a process says something; the line."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it ended, and never said: {words}")


def said(process: subprocess.Popen[str], code: int = 0) -> str:
    """What a process has said at its end."""
    out = process.communicate(timeout=90)[0]
    assert process.returncode == code, out
    return out


@pytest.fixture
def team(request: pytest.FixtureRequest, workspace: Any) -> Iterator[Team]:
    """A project of two models, without a release."""
    warehouse, metadata = request.param.split("+")
    found = Team(workspace, warehouse)
    if "postgres" in (warehouse, metadata):
        found.server = request.getfixturevalue("postgres_server")
        found.database = request.getfixturevalue("postgres")
    target = {"type": "duckdb", "path": "warehouse.duckdb", "schema": "main", "threads": 2}
    if warehouse == "postgres":
        target = {**found.server.settings(found.database), "threads": 2}
    state = ""
    if metadata == "postgres":
        state = f'state: "postgresql://{found.server.user}@/{found.database}?host={found.server.folder}"\n'
    workspace.write("dbt_project.yml", "name: t\nprofile: t\nmodels: {t: {+materialized: table}}\n")
    workspace.write("profiles.yml", json.dumps({"t": {"target": "dev", "outputs": {"dev": target}}}))
    workspace.write("dryland.yml", f"{state}volatile: day\n")  # a gate is opened once, whoever asks
    workspace.write("models/a.sql", "select 1 as x\n")
    workspace.write("models/b.sql", "select x + 1 as x from {{ ref('a') }}\n")
    yield found
    for process in found.processes:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()


def worlds(*names: str) -> pytest.MarkDecorator:
    """The worlds that a test is played in."""
    return pytest.mark.parametrize("team", names, indirect=True)
