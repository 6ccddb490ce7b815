"""Carries out a round's Dryland commands, and reads from their JSON how they ended and what the checks said."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from dbt_process import words

ASKING = ("apply", "run")  # they ask before they change anything
BAD = ("fail", "error")
TOLD_MAX = 1500  # characters of an error


@dataclass(frozen=True, slots=True)
class OurAnswer:
    """How our commands of a round ended: the worst exit code, and why."""

    code: int
    verdicts: tuple[Mapping[str, Any], ...] = ()
    error: str = ""


def dryland_works(folder: Path, commands: Iterable[str], environment: Mapping[str, str]) -> OurAnswer:
    """Carry out the commands; `check` then says what none of them had to ask again."""
    code = 0
    errors: list[str] = []
    verdicts: dict[str, Mapping[str, Any]] = {}
    for command in (*commands, "check"):
        verb, *rest = words(command)
        ended, out, err = dryland(folder, verb, *(["--yes"] if verb in ASKING else []), "--json", *rest, **environment)
        said = parse_json(out)
        news = {verdict["check"]: verdict for verdict in said.get("verdicts", [])}
        verdicts = {**news, **verdicts} if verb == "check" else {**verdicts, **news}
        if ended and verb != "check":
            code = max(code, ended)
            errors.append(f"{command}: {_told(said)} {err[-TOLD_MAX:]}")
    return OurAnswer(code, tuple(verdicts.values()), "\n".join(errors))


def dryland(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """A command through its own function: exit code, stdout, stderr."""
    from dryland.cli import main

    with ExitStack() as stack:
        out = stack.enter_context(redirect_stdout(io.StringIO()))
        err = stack.enter_context(redirect_stderr(io.StringIO()))
        stack.enter_context(mock.patch("sys.stdin", io.StringIO()))
        stack.enter_context(mock.patch.dict(os.environ, {"NO_COLOR": "1", **environment}))
        stack.enter_context(chdir(folder))
        try:
            main(list(arguments))
        except SystemExit as stop:
            return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def parse_json(text: str) -> dict[str, Any]:
    """What a command said with `--json`; nothing when it stopped before."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _told(said: Mapping[str, Any]) -> str:
    """Why a release did not work, step by step."""
    steps = [f"{each['node']}: {each['message']}" for each in said.get("steps", []) if each["status"] == "failed"]
    bad = [f"{each['name']}: {each['message']}" for each in said.get("verdicts", []) if each["status"] in BAD]
    return "; ".join([str(said.get("status") or said.get("message") or ""), *steps, *bad])[:TOLD_MAX]
