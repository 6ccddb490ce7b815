"""Has every tool do every row in its turn, and sees to it that all of them show the same rows afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from process import FailedError, OutOfTimeError, Spent

from scale.report import Measured
from scale.rows import Row
from scale.stage import Stage
from scale.tools import Tool

PUBLISHES = ("start_over", "edit_leaf", "edit_macro", "put_back")


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
