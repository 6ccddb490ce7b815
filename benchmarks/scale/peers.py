"""Finds the peers, installs those that are not there, each apart, and says which versions they are."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(os.environ.get("DRYLAND_PEERS", Path.home() / ".cache" / "dryland" / "peers"))
DRYLAND = Path(sys.executable).with_name("dryland")
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))
SQLMESH = PEERS / "sqlmesh" / "bin" / "sqlmesh"
SQLMESH_WANTED = "sqlmesh==0.236.*"


def install() -> None:
    """Put SQLMesh into an environment of its own, with our DuckDB; `make` does so with dbt."""
    python = SQLMESH.with_name("python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "sqlmesh"], check=True)
    packages = [SQLMESH_WANTED, f"duckdb=={version('duckdb')}"]
    command: list[str | Path] = [
        DRYLAND.with_name("uv"),
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        python,
    ]
    subprocess.run([*command, *packages], check=True)


def installed() -> tuple[str, ...]:
    """Those peers that are there."""
    return tuple(name for name, path in (("dbt", DBT), ("sqlmesh", SQLMESH)) if path.exists())


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """The version of everything that takes part."""
    asked = {
        "dbt": (DBT.with_name("python"), ("dbt-core", "dbt-duckdb", "duckdb")),
        "sqlmesh": (SQLMESH.with_name("python"), ("sqlmesh", "sqlglot", "duckdb")),
    }
    found = {"dryland": ", ".join(f"{each} {version(each)}" for each in ("dryland", "sqlglot", "duckdb"))}
    for name in names:
        if name in asked:
            python, packages = asked[name]
            code = f"import importlib.metadata as m; print(', '.join(f'{{p}} {{m.version(p)}}' for p in {packages}))"
            said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
            found[name] = said.stdout.strip()
    return found
