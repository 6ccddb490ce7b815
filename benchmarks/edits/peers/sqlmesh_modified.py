"""Asks SQLMesh what it would backfill after each edit, through its own plan of the same dbt project.

Run by the Python of SQLMesh's own environment: sqlmesh_modified.py PROJECT EDITS, see `in_turn`. The project is applied
once; then each edit is planned against that and not applied. A model counts when the plan has intervals of it to
fill, which is what SQLMesh calls a backfill.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from pathlib import Path

os.environ["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
os.environ["MAX_FORK_WORKERS"] = "1"

from in_turn import in_turn
from sqlmesh import Context
from sqlmesh.core.config import ModelDefaultsConfig
from sqlmesh.dbt.loader import sqlmesh_config

START = "2025-01-01"


def main(project: Path, edits: Path) -> None:
    """Apply the clean project, then ask after each edit."""
    os.chdir(project)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(sys.stderr):
        _context().plan(no_prompts=True, auto_apply=True, skip_tests=True)
    in_turn(edits, _filled)


def _filled() -> list[str]:
    with contextlib.redirect_stdout(sys.stderr):
        plan = _context().plan_builder(skip_tests=True, skip_linter=True).build()
    return sorted(each.snapshot_id.name.replace('"', "").rpartition(".")[2] for each in plan.missing_intervals)


def _context() -> Context:
    config = sqlmesh_config(Path(), model_defaults=ModelDefaultsConfig(dialect="duckdb", start=START))
    return Context(paths=["."], config=config)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
