"""Lists who asks the hundred checks: how each is called, and how its answer is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checks_subject import asked
from peers import DBT, DRYLAND, is_installed, python_of, versions_of

OURS = "dryland check"
SCRIPTS = Path(__file__).resolve().parent / "checks_peers"
SHOWN = {"soda": "soda-core", "expectations": "great-expectations", "pandera_polars": "pandera"}
"""Peers by the names of their environments and scripts, and the package whose version is told."""

Found = dict[str, int | None]
"""The checks that fail, and how many rows do, where that is told."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Who asks, in which words, and how its answer is read."""

    name: str
    command: tuple[str, ...]
    read: Callable[[str, Path], Found]
    folder: str


def contenders() -> list[Contender]:
    """Everybody who is installed, us first."""
    inside, hand = str(SCRIPTS / "dryland_inside.py"), str(SCRIPTS / "by_hand.py")
    found = [
        Contender(OURS, (str(DRYLAND), "check", "--again", "--json"), _read_ours, "ours"),
        Contender("  inside a process", (sys.executable, inside, "."), _read_last, "ours"),
        Contender("  with profile and content hash", (sys.executable, inside, ".", "profile"), _read_last, "ours"),
        Contender("by hand: all in one query", (sys.executable, hand, ".", "fused"), _read_last, "."),
        Contender("by hand: a query for each column", (sys.executable, hand, ".", "by_column"), _read_last, "."),
        Contender("by hand: the best form", (sys.executable, hand, ".", "best"), _read_last, "."),
    ]
    if is_installed("dbt"):
        [number] = versions_of("dbt", "dbt-core")
        found.append(Contender(f"dbt {number}", (str(DBT), "--no-version-check", "test"), _read_dbt, "theirs"))
    for name, package in SHOWN.items():
        if is_installed(name):
            [number] = versions_of(name, package)
            command = (str(python_of(name)), str(SCRIPTS / f"{name}.py"), ".")
            found.append(Contender(f"{package} {number}", command, _read_last, "."))
    return found


def _read_last(said: str, _: Path) -> Found:
    return dict(json.loads(said.splitlines()[-1]))


def _read_ours(said: str, _: Path) -> Found:
    verdicts = json.loads(said)["verdicts"]
    assert len(verdicts) == len(asked())
    assert all(each["status"] in ("pass", "fail") for each in verdicts), verdicts
    names = {each.name for each in asked()}
    return {_named(each["check"], names): each["failures"] for each in verdicts if each["status"] == "fail"}


def _named(check: str, names: set[str]) -> str:
    return next(part for part in check.split(".") if part in names)


def _read_dbt(_: str, folder: Path) -> Found:
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    assert len(results) == len(asked())
    return {each["unique_id"].split(".")[2]: each["failures"] for each in results if each["status"] == "fail"}
