"""Asks other tools about the same edits, each with the Python of its own environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edits.counts import Peer
from edits.edit import Edit
from edits.project import write_project

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "peers"
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))
PEERS = Path(os.environ.get("DRYLAND_PEERS", Path.home() / ".cache" / "dryland" / "peers"))
SQLMESH = PEERS / "sqlmesh-dbt" / "bin" / "python"
INSTALLED = ("sqlmesh==0.236.4", "dbt-core==1.11.16", "dbt-duckdb==1.11.1")


def install() -> None:
    """Install SQLMesh with what it needs to read a dbt project, in an environment of its own."""
    if not SQLMESH.exists():
        subprocess.run([sys.executable, "-m", "venv", SQLMESH.parents[1]], check=True)
    installer = Path(sys.executable).with_name("uv")
    subprocess.run([installer, "pip", "install", "--quiet", "--python", SQLMESH, *INSTALLED], check=True)


def dbt_on(edits: Sequence[Edit], folder: Path, areas: int) -> Peer | None:
    """What dbt says; None when it is not installed."""
    python = DBT.with_name("python")
    if not DBT.exists() or not edits:
        return None
    name = f"dbt {_version(python, 'dbt-core')}"
    return Peer(name, _asked(python, "dbt_modified.py", edits, folder / "dbt", areas))


def sqlmesh_on(edits: Sequence[Edit], folder: Path, areas: int) -> Peer | None:
    """What SQLMesh says; None when it is not installed."""
    if not SQLMESH.exists() or not edits:
        return None
    name = f"SQLMesh {_version(SQLMESH, 'sqlmesh')}"
    return Peer(name, _asked(SQLMESH, "sqlmesh_modified.py", edits, folder / "sqlmesh", areas))


def _asked(
    python: Path, script: str, edits: Sequence[Edit], folder: Path, areas: int
) -> dict[int, frozenset[str]]:  # fmt: skip
    folder.mkdir(parents=True)
    write_project(folder / "project", areas)
    listed = folder / "edits.jsonl"
    listed.write_text("".join(json.dumps(dict(edit.files)) + "\n" for edit in edits))
    command = [python, SCRIPTS / script, folder / "project", listed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{script} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(edits), (len(answers), len(edits))
    pairs = zip(edits, answers, strict=True)
    return {edit.number: frozenset(answer) for edit, answer in pairs if isinstance(answer, list)}


def _version(python: Path, package: str) -> str:
    asked = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
