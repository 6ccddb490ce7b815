"""Asks dbt what it would build after each edit: `state:modified+` against the released manifest.

Run by the Python of dbt's own environment: dbt_modified.py PROJECT EDITS, see `in_turn`. The project is released by
`dbt parse`, for dbt compares manifests only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from in_turn import in_turn

os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
STATE = "released"
LISTED = ("ls", "-s", "state:modified+", "--resource-type", "model", "snapshot", "seed", "--output", "name")


def main(project: Path, edits: Path) -> None:
    """Release, then ask after each edit."""
    os.chdir(project)
    _asked("parse")
    shutil.copytree("target", STATE)
    in_turn(edits, lambda: sorted(_asked(*LISTED, "--state", STATE)))


def _asked(*words: str) -> list[str]:
    with contextlib.redirect_stdout(sys.stderr):
        done = dbtRunner().invoke(["--quiet", "--no-version-check", *words])
    if not done.success:
        raise RuntimeError(f"dbt {' '.join(words)}: {done.exception or done.result}")
    return done.result if isinstance(done.result, list) else []


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
