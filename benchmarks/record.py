"""Writes down what a benchmark found: when, where and with what it was measured, for people and for machines."""

from __future__ import annotations

import json
import os
import platform
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def add_result_arguments(parser: ArgumentParser) -> None:
    """What every benchmark can be told that is kept and has peers."""
    parser.add_argument("--write", action="store_true", help="keep the result")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where it is kept")
    parser.add_argument("--install", action="store_true", help="install the peers, and do nothing else")


def record(name: str, text: str, data: object, told: Namespace) -> None:
    """Print a result, and keep it where that is wanted."""
    print(text)
    if told.write:
        told.results.mkdir(parents=True, exist_ok=True)
        (told.results / f"{name}.md").write_text(text + "\n")
        (told.results / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")


def today() -> str:
    """Today, in Greenwich."""
    return datetime.now(UTC).date().isoformat()


def machine() -> str:
    """What it ran on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def our_versions() -> dict[str, str]:
    """Of us, and of what does our work."""
    return {name: version(name) for name in ("dryland", "duckdb", "sqlglot")}


def our_versions_told() -> str:
    """The same on a line."""
    return ", ".join(f"{name} {number}" for name, number in our_versions().items())


def when_and_where(load_before: float) -> str:
    """When and where, and how busy the machine was by itself."""
    return f"{today()}, {machine()}; load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after."
