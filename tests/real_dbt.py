"""Finds the real dbt, in an environment of its own, and runs it for tests that compare us with it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
DBT = Path(os.environ.get("DRYLAND_DBT") or ROOT / ".venv-dbt" / "bin" / "dbt")
SERVER = Path(__file__).with_name("real_dbt_server.py")
QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
PARSE = "from dbt.cli.main import dbtRunner; assert dbtRunner().invoke(['--quiet', 'parse']).success"


def dbt(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of dbt in a project's folder; `environment` is added to that of the tests."""
    return _forked(root, "", ("--no-version-check", *arguments), environment)


def in_dbt(root: Path, program: str, *arguments: str, environment: Mapping[str, str]) -> None:
    """Run a program with dbt's own code."""
    done = _forked(root, program, arguments, environment)
    assert done.returncode == 0, done.stdout + done.stderr


def _forked(
    root: Path, program: str, arguments: tuple[str, ...], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    with tempfile.NamedTemporaryFile("r+") as out, tempfile.NamedTemporaryFile("r+") as err:
        asked = {
            "folder": str(root), "program": program, "arguments": arguments, "out": out.name, "err": err.name,
            "environment": {**os.environ, **QUIET, **environment},
        }  # fmt: skip
        code = _asked(json.dumps(asked))
        return subprocess.CompletedProcess(["dbt", *arguments], code, out.read(), err.read())


def _asked(request: str) -> int:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    print(request, file=server.stdin, flush=True)
    answer = server.stdout.readline()
    assert answer, f"dbt's process ended with {server.wait()} at {request}"
    return int(json.loads(answer)["code"])


@cache
def _server() -> subprocess.Popen[str]:
    """One for each process of tests; it ends with it, for then nobody writes to its stdin any more."""
    command = [DBT.with_name("python"), "-P", SERVER]  # dbt imports every module on the path that is called dbt_...
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
