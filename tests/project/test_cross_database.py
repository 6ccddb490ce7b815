"""Every cross-database macro builds on DuckDB what it builds under dbt: columns, types and rows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))
CASES = Path(__file__).parent / "cross_database"
ENVIRONMENT = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
SECTION = re.compile(r"^== (\w+) : (\w+)$", re.MULTILINE)
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


def sections() -> dict[str, tuple[str, list[str]]]:
    """Model by model: over which rows, and what to compute."""
    _, *parts = SECTION.split((CASES / "models.txt").read_text())
    rows = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {name: (over, [line for line in text.splitlines() if line.strip()]) for name, over, text in rows}


def models() -> Iterator[tuple[str, str]]:
    """Each model's name and its text."""
    for name in ("dates", "words"):
        yield name, (CASES / f"{name}.sql").read_text()
    for name, (over, lines) in sections().items():
        if over == "query":
            yield name, lines[0]
        else:
            columns = ",\n    ".join(f"{line} as c{number}" for number, line in enumerate(lines))
            yield name, FORMS[over].format(columns=columns)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, workspace_at) -> tuple[Any, Any]:
    """What we built and what dbt built, each in a warehouse of its own."""
    ours, dbts = (workspace_at(tmp_path_factory.mktemp(name)) for name in ("ours", "dbt"))
    for workspace in (ours, dbts):
        workspace.write("dbt_project.yml", "name: macros\nprofile: macros\nmodels: {macros: {+materialized: table}}\n")
        output = "{type: duckdb, path: warehouse.duckdb, schema: main}"
        workspace.write("profiles.yml", f"macros: {{target: dev, outputs: {{dev: {output}}}}}\n")
        for name, text in models():
            workspace.write(f"models/{name}.sql", text)
    done = subprocess.run(
        [DBT, "--no-version-check", "run"], cwd=dbts.root, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    ours.dryland("apply", "--yes")
    return ours, dbts


def looked_at(workspace: Any, name: str) -> tuple[Any, Any]:
    columns = [(column, kind) for column, kind, *_ in workspace.sql(f"describe main.{name}")]
    return columns, workspace.sql(f"from main.{name} order by all")


@pytest.mark.parametrize("name", [name for name, _ in models()])
def test_the_macro_builds_what_it_builds_under_dbt(built, name: str) -> None:
    (columns, rows), (wanted_columns, wanted_rows) = (looked_at(workspace, name) for workspace in built)
    assert columns == wanted_columns
    assert rows == wanted_rows
