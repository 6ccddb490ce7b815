"""Runs the commands of this room's tests without starting a process for each: a build is what they are about."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))


@pytest.fixture
def workspace(tmp_path: Path, workspace_at: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty folder in which `.dryland(...)` runs the command line's own function, as `dryland ...` does."""
    whole = workspace_at(tmp_path)
    answer_type = type(whole).dryland.__globals__["Answer"]

    def dryland(*arguments: str, code: int | None = 0, **environment: str) -> Any:
        from dryland.cli import main

        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            patch.chdir(tmp_path)
            for name, value in {"NO_COLOR": "1", **environment}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as stop:
                main(list(arguments))
        answer = answer_type(int(stop.value.code or 0), out.getvalue(), err.getvalue())
        if code is not None:
            assert answer.code == code, f"exit {answer.code}, not {code}\n{answer.out}\n{answer.err}"
        return answer

    def sql_of(warehouse: str, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(tmp_path / warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    object.__setattr__(whole, "dryland", dryland)  # the value is frozen; only its way to run commands differs
    object.__setattr__(whole, "sql_of", sql_of)
    return whole


@pytest.fixture
def arrives(workspace: Any) -> Callable[..., None]:
    """Somebody else writes to the warehouse."""

    def arrives(*statements: str, warehouse: str = "warehouse.duckdb") -> None:
        with duckdb.connect(str(workspace.root / warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    return arrives


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
