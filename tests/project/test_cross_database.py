"""Every cross-database macro builds on each warehouse what it builds under dbt: columns, types and rows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from postgres_server import Server
from real_dbt import DBT, dbt

CASES = Path(__file__).parent / "cross_database"
ENVIRONMENT = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
SECTION = re.compile(r"^== (\w+) : (\w+)$", re.MULTILINE)
KINDS = ("duckdb", "postgres")
FORMS = {
    "dates": "select id, {columns} from {{{{ ref('dates') }}}}",
    "words": "select id, {columns} from {{{{ ref('words') }}}}",
    "groups": "select kind, {columns} from {{{{ ref('words') }}}} group by kind",
}

pytestmark = [
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]


def sections(kind: str) -> dict[str, tuple[str, list[str]]]:
    """Model by model: over which rows, and what to compute on a kind of warehouse."""
    _, *parts = SECTION.split((CASES / "models.txt").read_text())
    rows = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    found = {name: (over, _lines_for(kind, text)) for name, over, text in rows}
    return {name: section for name, section in found.items() if section[1]}


def _lines_for(kind: str, text: str) -> list[str]:
    others = tuple(f"({each})" for each in KINDS if each != kind)
    lines = (line.strip() for line in text.splitlines())
    return [line.removeprefix(f"({kind})").strip() for line in lines if line and not line.startswith(others)]


def models(kind: str) -> Iterator[tuple[str, str]]:
    """Each model's name and its text."""
    for name in ("dates", "words"):
        yield name, (CASES / f"{name}.sql").read_text()
    for name, (over, lines) in sections(kind).items():
        if over == "query":
            yield name, lines[0]
        else:
            columns = ",\n    ".join(f"{line} as c{number}" for number, line in enumerate(lines))
            yield name, FORMS[over].format(columns=columns)


Table = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]  # columns with their types, and rows
Look = Callable[[str, str], Table]  # at whose table, by its name


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory, workspace_at) -> Look:
    """What we built and what dbt built, each in a file of its own."""
    spaces = {name: workspace_at(tmp_path_factory.mktemp(name)) for name in ("ours", "dbt")}
    output = {"type": "duckdb", "path": "warehouse.duckdb", "schema": "main"}
    _build("duckdb", spaces, dict.fromkeys(spaces, output))
    return lambda whose, name: _in_a_file(spaces[whose], name)


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory, workspace_at, postgres_server: Server) -> Look:
    """What we built and what dbt built, each in a database of its own."""
    spaces = {name: workspace_at(tmp_path_factory.mktemp(name)) for name in ("ours", "dbt")}
    databases = {name: postgres_server.new_database() for name in spaces}
    settings = {name: postgres_server.settings(each, password="unused") for name, each in databases.items()}
    _build("postgres", spaces, settings)
    return lambda whose, name: _on_the_server(postgres_server, databases[whose], name)


def _build(kind: str, spaces: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    for name, workspace in spaces.items():
        workspace.write("dbt_project.yml", "name: macros\nprofile: macros\nmodels: {macros: {+materialized: table}}\n")
        workspace.write("profiles.yml", json.dumps({"macros": {"target": "dev", "outputs": {"dev": outputs[name]}}}))
        for model, text in models(kind):
            workspace.write(f"models/{model}.sql", text)
    root = spaces["dbt"].root
    done = dbt(root, "run")
    assert done.returncode == 0, done.stdout
    spaces["ours"].dryland("apply", "--yes")


def _in_a_file(workspace: Any, name: str) -> Table:
    columns = [(column, kind) for column, kind, *_ in workspace.sql(f"describe main.{name}")]
    return columns, workspace.sql(f"from main.{name} order by all")


def _on_the_server(server: Server, database: str, name: str) -> Table:
    with server.connect(database) as connection:
        columns = connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = %s::regclass and attnum > 0 order by attnum", [f"main.{name}"],
        ).fetchall()  # fmt: skip
        rows = connection.execute(sql.SQL("select * from {}").format(sql.Identifier("main", name))).fetchall()
    return columns, sorted(rows, key=repr)


@pytest.mark.parametrize("name", [name for name, _ in models("duckdb")])
def test_the_macro_builds_what_it_builds_under_dbt(on_duckdb: Look, name: str) -> None:
    _verify(on_duckdb, name)


@pytest.mark.parametrize("name", [name for name, _ in models("postgres")])
def test_on_postgres_it_builds_what_it_builds_under_dbt_there(on_postgres: Look, name: str) -> None:
    _verify(on_postgres, name)


def _verify(look: Look, name: str) -> None:
    (columns, rows), (wanted_columns, wanted_rows) = look("ours", name), look("dbt", name)
    assert columns == wanted_columns
    assert rows == wanted_rows
