"""Finds the real dbt, in an environment of its own, for tests that compare us with it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
DBT = Path(os.environ.get("DRYLAND_DBT") or ROOT / ".venv-dbt" / "bin" / "dbt")
PARSE = "from dbt.cli.main import dbtRunner; assert dbtRunner().invoke(['--quiet', 'parse']).success"


def in_dbt(root: Path, program: str, *arguments: str, environment: Mapping[str, str]) -> None:
    """Run a program with dbt's own code."""
    done = subprocess.run(
        [DBT.parent / "python", "-c", program, *arguments], cwd=root, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
