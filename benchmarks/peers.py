"""Finds the tools that benchmarks compare with, and installs them, each in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRYLAND = Path(sys.executable).with_name("dryland")
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))  # `make` installs it
PEERS = Path(os.environ.get("DRYLAND_PEERS", Path.home() / ".cache" / "dryland" / "peers"))

OUR_DUCKDB = f"duckdb=={version('duckdb')}"
SQLMESH = "sqlmesh==0.236.4"
OF_CHECKS = {  # Great Expectations' DuckDB driver does not know newer ones yet
    "soda": ("soda-duckdb>=4,<5", OUR_DUCKDB),
    "expectations": ("great_expectations>=1,<2", "duckdb-engine", "sqlalchemy<2.1", "pandas<3", OUR_DUCKDB),
    "pandera_polars": ("pandera[polars]", "polars", OUR_DUCKDB),
}
OF_SCALE = {"sqlmesh": (SQLMESH, OUR_DUCKDB)}
OF_EDITS = {"sqlmesh-dbt": (SQLMESH, "dbt-core==1.11.16", "dbt-duckdb==1.11.1")}
"""By the names of their environments; SQLMesh reads a dbt project only with dbt beside it."""
OF_BULK = {"dlt": ("dlt[postgres]>=1.31", "pyarrow")}
PACKAGES = OF_CHECKS | OF_SCALE | OF_EDITS | OF_BULK


def python_of(name: str) -> Path:
    """The Python of a peer's environment, which may not be there."""
    return DBT.with_name("python") if name == "dbt" else PEERS / name / "bin" / "python"


def is_installed(name: str) -> bool:
    """Whether it can take part."""
    return DBT.exists() if name == "dbt" else python_of(name).exists()


def install(names: Sequence[str]) -> None:
    """Put each into its environment, outside of the checkout."""
    for name in names:
        python = python_of(name)
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", PEERS / name], check=True)
        uv: list[str | Path] = [DRYLAND.with_name("uv"), "pip", "install", "--quiet", "--compile-bytecode"]
        subprocess.run([*uv, "--python", python, *PACKAGES[name]], check=True)


def versions_of(name: str, *packages: str) -> tuple[str, ...]:
    """Which versions of packages a peer has."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    said = subprocess.run([python_of(name), "-c", code, *packages], capture_output=True, text=True, check=True)
    return tuple(said.stdout.split())
