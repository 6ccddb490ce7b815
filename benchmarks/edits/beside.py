"""Asks other tools about the same edits, each with the Python of its own environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from peers import is_installed, python_of, versions_of

from edits.counts import Peer
from edits.edit import Edit
from edits.project import write_project

SCRIPTS = Path(__file__).parent / "peers"


def dbt_on(edits: Sequence[Edit], folder: Path, areas: int) -> Peer | None:
    """What dbt says; None when it is not installed."""
    if not is_installed("dbt") or not edits:
        return None
    [number] = versions_of("dbt", "dbt-core")
    return Peer(f"dbt {number}", _asked("dbt", "dbt_modified.py", edits, folder / "dbt", areas))


def sqlmesh_on(edits: Sequence[Edit], folder: Path, areas: int) -> Peer | None:
    """What SQLMesh says; None when it is not installed."""
    if not is_installed("sqlmesh-dbt") or not edits:
        return None
    [number] = versions_of("sqlmesh-dbt", "sqlmesh")
    return Peer(f"SQLMesh {number}", _asked("sqlmesh-dbt", "sqlmesh_modified.py", edits, folder / "sqlmesh", areas))


def _asked(name: str, script: str, edits: Sequence[Edit], folder: Path, areas: int) -> dict[int, frozenset[str]]:
    folder.mkdir(parents=True)
    write_project(folder / "project", areas)
    listed = folder / "edits.jsonl"
    listed.write_text("".join(json.dumps(dict(edit.files)) + "\n" for edit in edits))
    command = [python_of(name), SCRIPTS / script, folder / "project", listed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{script} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(edits), (len(answers), len(edits))
    pairs = zip(edits, answers, strict=True)
    return {edit.number: frozenset(answer) for edit, answer in pairs if isinstance(answer, list)}
