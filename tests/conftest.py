"""Gives every test a small, real dbt project over a real DuckDB file."""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from psycopg import sql

from dryland.cli import COLLECTING
from postgres_server import Server, running_server

gc.set_threshold(*COLLECTING)  # as in a process of the command line

PROJECT = {
    "dbt_project.yml": """
        name: shop
        version: "1.0"
        profile: shop
        models:
          shop:
            +materialized: table
        """,
    "profiles.yml": """
        shop:
          target: dev
          outputs:
            dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 4}
        """,
    "seeds/raw_customers.csv": """
        id,name,country
        1,Ana,pt
        2,Bo,se
        3,Chi,ng
        """,
    "seeds/raw_orders.csv": """
        id,customer_id,amount,ordered_on
        10,1,20.50,2026-01-01
        11,1,5.00,2026-01-02
        12,2,7.25,2026-01-03
        13,3,100.00,2026-01-09
        """,
    "models/staging/stg_customers.sql": """
        select id as customer_id, name, country from {{ ref('raw_customers') }}
        """,
    "models/staging/stg_orders.sql": """
        select
            id as order_id,
            customer_id,
            amount,
            cast(ordered_on as date) as ordered_on
        from {{ ref('raw_orders') }}
        """,
    "models/marts/customer_orders.sql": """
        with orders as (
            select * from {{ ref('stg_orders') }}
        )
        select
            c.customer_id,
            c.name,
            count(o.order_id) as orders,
            coalesce(sum(o.amount), 0) as revenue
        from {{ ref('stg_customers') }} c
        left join orders o on o.customer_id = c.customer_id
        group by c.customer_id, c.name
        """,
    "models/marts/big_spenders.sql": """
        {{ config(materialized='view') }}
        select customer_id, revenue from {{ ref('customer_orders') }} where revenue > 20
        """,
    "models/schema.yml": """
        version: 2
        models:
          - name: stg_customers
            columns:
              - name: customer_id
                data_tests: [unique, not_null]
          - name: stg_orders
            columns:
              - name: order_id
                data_tests: [unique, not_null]
              - name: customer_id
                data_tests:
                  - relationships: {to: ref('stg_customers'), field: customer_id}
          - name: customer_orders
            description: One row per customer.
            columns:
              - name: customer_id
                data_tests: [unique, not_null]
              - name: revenue
                data_tests: [not_null]
        exposures:
          - name: spenders_dashboard
            type: dashboard
            owner: {name: Ana, email: ana@example.org}
            depends_on: [ref('big_spenders')]
        """,
}


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def after(self, code: int | None) -> Answer:
        """This answer, which must have ended with `code`."""
        assert code in (None, self.code), f"exit {self.code}, not {code}\n{self.out}\n{self.err}"
        return self


@dataclass(frozen=True)
class Workspace:
    """A project folder, and the command in it."""

    root: Path

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"))

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text, f"{path} does not contain {old!r}"
        (self.root / path).write_text(text.replace(old, new))

    def dryland(self, *arguments: str, code: int | None = 0, **environment: str) -> Answer:
        """Run a verb through the command line's own function, without the second that a process takes to start."""
        from dryland.cli import main

        with ExitStack() as stage:
            out = stage.enter_context(redirect_stdout(io.StringIO()))
            err = stage.enter_context(redirect_stderr(io.StringIO()))
            stage.enter_context(mock.patch("sys.stdin", io.StringIO()))
            stage.enter_context(mock.patch.dict(os.environ, {"NO_COLOR": "1", **environment}))
            stage.enter_context(chdir(self.root))
            with pytest.raises(SystemExit) as stop:
                main(list(arguments))
        return Answer(int(stop.value.code or 0), out.getvalue(), err.getvalue()).after(code)

    def building(self, *arguments: str, **environment: str) -> list[str]:
        """The names of what `plan` would build."""
        steps = self.dryland("plan", "--json", *arguments, **environment).json["steps"]
        return [step["node"].split(".")[2] for step in steps if step["action"] == "build"]

    def process(self, *arguments: str, code: int | None = 0, **environment: str) -> Answer:
        """Run a verb in a process of its own, as a shell does."""
        done = subprocess.run(
            [sys.executable, "-m", "dryland", *arguments],
            cwd=self.root, capture_output=True, text=True, timeout=120, check=False,
            env={**_plain_environment(), **environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr).after(code)

    def sql(self, query: str, warehouse: str = "warehouse.duckdb") -> list[tuple[Any, ...]]:
        """Ask the warehouse directly, as a reader would."""
        import duckdb

        with duckdb.connect(str(self.root / warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def arrives(self, *statements: str, warehouse: str = "warehouse.duckdb") -> None:
        """Somebody else writes to the warehouse."""
        import duckdb

        with duckdb.connect(str(self.root / warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    def content(self, schema: str = "main", warehouse: str = "warehouse.duckdb") -> dict[str, Any]:
        """Order-independent content of every relation that readers of a schema see."""
        import duckdb

        with duckdb.connect(str(self.root / warehouse), read_only=True) as connection:
            names = connection.execute(
                "select table_name from information_schema.tables where table_schema = ? order by 1", [schema]
            ).fetchall()
            return {
                name: connection.execute(
                    f'select count(*), sum(hash(t)::hugeint) from "{schema}"."{name}" t'
                ).fetchone()
                for (name,) in names
            }


@dataclass(frozen=True)
class PostgresWorkspace(Workspace):
    """A project folder whose warehouse is a database of a server."""

    server: Server
    database: str

    def sql(self, query: str, warehouse: str = "") -> list[tuple[Any, ...]]:
        """Ask the warehouse directly, as a reader would."""
        with self.server.connect(warehouse or self.database) as connection:
            return connection.execute(query.encode()).fetchall()

    def arrives(self, *statements: str, warehouse: str = "") -> None:
        """Somebody else writes to the warehouse."""
        with self.server.connect(warehouse or self.database) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def content(self, schema: str = "main", warehouse: str = "") -> dict[str, Any]:
        """Order-independent content of every relation that readers of a schema see."""
        with self.server.connect(warehouse or self.database) as connection:
            names = connection.execute(
                "select table_name from information_schema.tables where table_schema = %s order by 1", [schema]
            ).fetchall()
            counted = sql.SQL("select count(*), sum(hashtextextended(t::text, 0)::numeric)::text from {} t")
            return {
                name: connection.execute(counted.format(sql.Identifier(schema, name))).fetchone() for (name,) in names
            }


def _plain_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "NO_COLOR": "1"}


@pytest.fixture(scope="session", autouse=True)
def _kept_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Projects that commands keep do not go to the cache of whoever runs the tests."""
    with mock.patch.dict(os.environ, {"DRYLAND_CACHE": str(tmp_path_factory.mktemp("kept"))}):
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A real PostgreSQL server, for as long as this process of the tests runs."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[str]:
    """An empty database on it; its name."""
    name = postgres_server.new_database()
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def workspace_at() -> Callable[[Path], Workspace]:
    """The command in a folder that is there already."""
    return Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty folder."""
    return Workspace(tmp_path)


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """The sample project, not released yet."""
    _write_project(workspace)
    return workspace


@pytest.fixture
def pg_shop(tmp_path: Path, postgres_server: Server, postgres: str) -> PostgresWorkspace:
    """The sample project over a PostgreSQL, not released yet."""
    workspace = PostgresWorkspace(tmp_path, postgres_server, postgres)
    _write_project(workspace)
    output = json.dumps(postgres_server.settings(postgres))
    workspace.write("profiles.yml", f"shop: {{target: dev, outputs: {{dev: {output}}}}}\n")
    return workspace


@pytest.fixture
def released(workspace: Workspace, _released_once: Path) -> Workspace:
    """The sample project, released to prod."""
    shutil.copytree(_released_once, workspace.root, dirs_exist_ok=True)
    return workspace


@pytest.fixture(scope="session")
def _released_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample project was released once, to be copied: a release takes a second, a copy none."""
    workspace = Workspace(tmp_path_factory.mktemp("released"))
    _write_project(workspace)
    workspace.process("apply", "--yes")
    return workspace.root


def _write_project(workspace: Workspace) -> None:
    for path, text in PROJECT.items():
        workspace.write(path, text)
