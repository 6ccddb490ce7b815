"""Talks to one process of dbt that carries out many commands: starting dbt takes longer than most of them."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from real_dbt import DBT

SERVER = Path(__file__).with_name("dbt_server.py")
FLAGS = ("--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check")


@dataclass(frozen=True, slots=True)
class DbtAnswer:
    """How a dbt command ended: `printed` is kept when it failed."""

    success: bool
    exception: str = ""
    printed: str = ""
    listed: tuple[str, ...] = ()
    results: tuple[Mapping[str, Any], ...] = ()

    @property
    def reason(self) -> str:
        """Why it failed, in dbt's words."""
        return self.exception or self.printed[-1500:]


@dataclass(slots=True)
class DbtProcess:
    """dbt, started when first asked."""

    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def run(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> DbtAnswer:
        """Carry out one command in a project's folder, and read the results that it wrote."""
        results = folder / "target" / "run_results.json"
        results.unlink(missing_ok=True)
        request = {"folder": str(folder), "arguments": [*FLAGS, *arguments], "environment": dict(environment or {})}
        answer = self._ask(request)
        found = json.loads(results.read_text())["results"] if results.exists() else []
        return DbtAnswer(
            answer["success"], answer["exception"], answer["printed"], tuple(answer["listed"]), tuple(found)
        )  # fmt: skip

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"dbt's process ended with {process.wait()} at {request}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[str]:
        python = DBT.with_name("python")
        command = [python, "-P", SERVER]  # dbt imports every module on the path that is called dbt_...: not our own
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.communicate()


def words(command: str) -> Sequence[str]:
    """The words of a command as a shell would take it apart."""
    return shlex.split(command)
