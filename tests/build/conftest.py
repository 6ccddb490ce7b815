"""Gives this room's tests the real dbt, to compare what it builds with what we build."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from real_dbt import DBT


@pytest.fixture
def dbt(workspace: Any) -> Callable[..., str]:
    """Real dbt in the same folder, on a warehouse of its own (`dbt.duckdb`, read through env_var WAREHOUSE)."""
    if not DBT.exists():
        pytest.skip(f"dbt is missing: there is no {DBT}")

    def dbt(*arguments: str, code: int = 0) -> str:
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "WAREHOUSE": "dbt.duckdb"}
        done = subprocess.run(
            [DBT, "--no-version-check", "--no-use-colors", *arguments, "--profiles-dir", "."],
            cwd=workspace.root, env=environment, capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return dbt
