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
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from graph import models
from peers import install, installed, versions
from process import FailedError, OutOfTimeError, Spent
from report import Circumstances, Measured, as_data, markdown
from rows import Row, chosen
from stage import Stage
from tools import DUCKDB, OURS, TOOLS, Tool

MODELS, ROUNDS, LIMIT_S = 1_000, 5, 1_800.0
PUBLISHES = ("start_over", "edit_leaf", "edit_macro", "put_back")
RESULTS = Path(__file__).resolve().parents[1] / "results"


def main() -> None:
    """Measure, compare what came of it, print, and keep it if that is wanted."""
    told = _arguments()
    if told.install:
        install()
        return
    tools = [TOOLS[name] for name in (OURS, *told.peers, DUCKDB)]
    with tempfile.TemporaryDirectory(prefix="dryland-scale-", dir=told.folder) as name:
        stage = Stage(Path(name) / "stage", models(told.n), told.limit_s)
        before = os.getloadavg()[0]
        measured = measure(stage, tools, chosen(told.rows), told.rounds)
    around = circumstances(stage, told.rounds, tuple(tool.name for tool in tools), before)
    write(told.results if told.write else None, "scale", markdown(measured, around), as_data(measured, around))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=MODELS, help="how many models")
    add_arguments(parser)
    return parser.parse_args()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What both benchmarks of scale can be told."""
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is asked")
    parser.add_argument("--rows", type=_names, default=(), help="only these, by name, with commas between")
    parser.add_argument("--peers", type=_names, default=installed(), help="only these of dbt and sqlmesh; '' is none")
    parser.add_argument("--limit-s", type=float, default=LIMIT_S, help="how long one command may take")
    parser.add_argument("--write", action="store_true", help="keep the result")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where it is kept")
    parser.add_argument("--folder", type=Path, help="where projects are made, for the time being")
    parser.add_argument("--install", action="store_true", help="install SQLMesh, and do nothing else")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def measure(stage: Stage, tools: Sequence[Tool], rows: Sequence[Row], rounds: int) -> list[Measured]:
    """Every row by every tool, in turns."""
    stage.set_up(tools)
    found: list[Measured] = []
    for _, group in groupby(rows, key=lambda row: row.group):
        found.extend(_measured(stage, tools, tuple(group), rounds))
    return found


def _measured(stage: Stage, tools: Sequence[Tool], group: tuple[Row, ...], rounds: int) -> Iterator[Measured]:
    runs: dict[tuple[Row, str], list[Spent]] = {}
    notes: dict[tuple[Row, str], str] = {}
    for turn in range(min(rounds, *(row.rounds_max for row in group))):
        for row in group:
            stage.turns += 1
            for tool in (each for each in tools if stage.can(each, row) and (row, each.name) not in notes):
                of = (row, tool.name)
                said = _once(stage, tool, row, runs.setdefault(of, []))
                notes |= {of: said} if said else {}
                print(f"{row.title}, round {turn + 1}: {tool.name} {said or _last(runs[of])}", file=sys.stderr)
            if turn == 0 and row.prepare in PUBLISHES:
                agree(stage, [each for each in tools if stage.can(each, row)])
    for (row, name), spent in runs.items():
        yield Measured(row, name, tuple(spent), notes.get((row, name), ""))


def _once(stage: Stage, tool: Tool, row: Row, runs: list[Spent]) -> str:
    """Why it came to nothing, if so: who runs out of time is not asked again for what needs a finished build."""
    try:
        runs.append(stage.run(tool, row))
    except OutOfTimeError:
        stage.built.discard(tool.name)
        return f"over {stage.limit_s:,.0f}"
    except FailedError as failed:
        stage.built.discard(tool.name)
        print(failed, file=sys.stderr)
        return "failed"
    return ""


def _last(runs: Sequence[Spent]) -> str:
    return f"{runs[-1].wall_s:.2f} s, processor {runs[-1].processor_s:.2f} s, {runs[-1].memory_mb:.0f} MB"


def agree(stage: Stage, tools: Sequence[Tool]) -> None:
    """All that built it show the same rows: else a time says nothing."""
    shown = {tool.name: stage.contents(tool) for tool in tools if tool.name in stage.built}
    for (one, expected), (other, contents) in pairwise(shown.items()):
        different = [model for model, content in contents.items() if content != expected[model]]
        assert not different, f"{other} shows other rows than {one} in {', '.join(different[:5])}"


def circumstances(stage: Stage, rounds: int, names: tuple[str, ...], load_before: float) -> Circumstances:
    """Where and with what it was measured."""
    checks = sum(len(model.checks) for model in stage.models)
    return Circumstances(len(stage.models), checks, rounds, versions(names), load_before)


def write(folder: Path | None, name: str, text: str, data: object) -> None:
    """Print a result, and keep it where that is wanted."""
    print(text)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(text + "\n")
        (folder / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
