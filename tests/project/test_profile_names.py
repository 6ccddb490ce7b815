"""A profile names its database as DuckDB names the file, and its settings are shown to nobody."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dryland.project.kept import read_project
from dryland.project.opening import Asked
from dryland.project.project import Project


def opened(workspace: Any, **settings: Any) -> Project:
    said = "\n".join(f"      {key}: {value}" for key, value in settings.items())
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\n")
    (workspace.root / "profiles.yml").write_text(
        f"shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n{said}\n"
    )
    return read_project(Asked(workspace.root, os.environ))


@pytest.mark.parametrize(
    "path", ["shop.duckdb", "my.db.duckdb", ".hidden.duckdb", "deep/a b.duckdb", "bare", ":memory:"]
)
def test_the_database_is_called_what_duckdb_calls_it(workspace: Any, path: str) -> None:
    (workspace.root / "deep").mkdir()
    with duckdb.connect(path if path == ":memory:" else str(Path(workspace.root, path))) as connection:
        name = connection.execute("select current_database()").fetchone()
    assert (opened(workspace, path=f'"{path}"').warehouse.database,) == name


def test_a_project_does_not_show_how_its_warehouse_is_reached(workspace: Any) -> None:
    project = opened(workspace, secrets="[{type: http, bearer_token: hunter2}]", motherduck_token="hunter2")
    assert project.warehouse.settings["secrets"] == [{"type": "http", "bearer_token": "hunter2"}]
    assert "hunter2" not in repr(project.warehouse) + repr(project.templates.target)
