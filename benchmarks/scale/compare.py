"""Times the same project of any size under Dryland, dbt and SQLMesh, and as bare SQL: from loading to rolling back.

All take turns, each as a process of its own in a folder and a warehouse of its own, and whatever is published, all of
them have to show the same rows. Peers that are not installed are left out.

    python benchmarks/scale/compare.py --install                 # SQLMesh, outside of the checkout
    python benchmarks/scale/compare.py --n 30 --rounds 1
    python benchmarks/scale/compare.py --n 1000 --write          # benchmarks/results/scale.md and .json too
    python benchmarks/scale/compare.py --rows leaf,plan --peers dbt
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import OF_SCALE, install, is_installed, versions_of
from record import add_result_arguments, our_versions_told, record

from scale.graph import models
from scale.measure import measure
from scale.report import Circumstances, as_data, markdown
from scale.rows import chosen
from scale.stage import Stage
from scale.tools import DUCKDB, OURS, TOOLS, Tool

MODELS, ROUNDS, LIMIT_S = 1_000, 5, 1_800.0


def main() -> None:
    """Measure, compare what came of it, print, and keep it if that is wanted."""
    told = _arguments()
    if told.install:
        install(tuple(OF_SCALE))
        return
    tools = [TOOLS[name] for name in (OURS, *told.peers, DUCKDB)]
    with tempfile.TemporaryDirectory(prefix="dryland-scale-", dir=told.folder) as name:
        stage = Stage(Path(name) / "stage", models(told.n), told.limit_s)
        before = os.getloadavg()[0]
        measured = measure(stage, tools, chosen(told.rows), told.rounds)
    around = circumstances(stage, told.rounds, tools, before)
    record("scale", markdown(measured, around), as_data(measured, around), told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=MODELS, help="how many models")
    add_scale_arguments(parser)
    return parser.parse_args()


def add_scale_arguments(parser: argparse.ArgumentParser) -> None:
    """What both benchmarks of scale can be told."""
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is asked")
    parser.add_argument("--rows", type=_names, default=(), help="only these, by name, with commas between")
    there = tuple(name for name in ("dbt", *OF_SCALE) if is_installed(name))
    parser.add_argument("--peers", type=_names, default=there, help="only these of dbt and sqlmesh; '' is none")
    parser.add_argument("--limit-s", type=float, default=LIMIT_S, help="how long one command may take")
    parser.add_argument("--folder", type=Path, help="where projects are made, for the time being")
    add_result_arguments(parser)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def circumstances(stage: Stage, rounds: int, tools: Sequence[Tool], load_before: float) -> Circumstances:
    """With what it was measured."""
    checks = sum(len(model.checks) for model in stage.models)
    versions = {OURS: our_versions_told()} | {tool.name: _versions(tool) for tool in tools if tool.packages}
    return Circumstances(len(stage.models), checks, rounds, versions, load_before)


def _versions(tool: Tool) -> str:
    pairs = zip(tool.packages, versions_of(tool.name, *tool.packages), strict=True)
    return ", ".join(f"{package} {version}" for package, version in pairs)


if __name__ == "__main__":
    main()
