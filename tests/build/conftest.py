"""Gives this room's tests the real dbt, to compare what it builds with what we build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import real_dbt


@pytest.fixture
def dbt(workspace: Any) -> Callable[..., str]:
    """Real dbt in the same folder, on a warehouse of its own (`dbt.duckdb`, read through env_var WAREHOUSE)."""
    if not real_dbt.DBT.exists():
        pytest.skip(f"dbt is missing: there is no {real_dbt.DBT}")

    def run(*arguments: str, code: int = 0) -> str:
        words = ("--no-use-colors", *arguments, "--profiles-dir", ".")
        done = real_dbt.dbt(workspace.root, *words, WAREHOUSE="dbt.duckdb")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run
