"""Puts measurements into a table for people and into plain data for machines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from process import Spent, middle_of
from record import machine, today, when_and_where

from scale.rows import Row
from scale.tools import OURS


@dataclass(frozen=True, slots=True)
class Measured:
    """What one tool did about one row: its runs, or why there are none."""

    row: Row
    tool: str
    runs: tuple[Spent, ...]
    note: str = ""

    @property
    def middle(self) -> Spent:
        """Of its runs, if there are any."""
        return middle_of(self.runs)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where, when and with what it was measured."""

    models: int
    checks: int
    rounds: int
    versions: dict[str, str]
    load_before: float


def markdown(measured: Sequence[Measured], told: Circumstances) -> str:
    """Seconds side by side, then everything that was measured."""
    title = f"{told.models:,} models, {told.checks:,} checks"
    return "\n".join([*head(title, told, "Whole processes."), *_side_by_side(measured), "", *_in_full(measured)])


def as_data(measured: Sequence[Measured], told: Circumstances) -> dict[str, object]:
    """The same for machines, with every single run."""
    return {
        "date": today(), "machine": machine(), "versions": told.versions, "models": told.models,
        "checks": told.checks, "rounds": told.rounds, "load": [told.load_before, os.getloadavg()[0]],
        "measured": [
            {"row": each.row.name, "title": each.row.title, "tool": each.tool, "note": each.note,
             "runs": [asdict(run) for run in each.runs], **(asdict(each.middle) if each.runs else {})}
            for each in measured
        ],
    }  # fmt: skip


def head(title: str, told: Circumstances, *more: str) -> Iterator[str]:
    """What stands above a table: when, where, how often, and with which versions."""
    yield f"# {title}"
    yield ""
    yield " ".join([when_and_where(told.load_before), f"Medians of {told.rounds} in turns at most.", *more])
    yield ""
    yield from (f"- {name}: {version}" for name, version in told.versions.items())
    yield ""


def _side_by_side(measured: Sequence[Measured]) -> Iterator[str]:
    tools = list(dict.fromkeys(each.tool for each in measured))
    found = {(each.row.name, each.tool): each for each in measured}
    yield f"| seconds | {' | '.join(tools)} |"
    yield f"|---|{'--:|' * len(tools)}"
    for name, title in dict.fromkeys((each.row.name, each.row.title) for each in measured):
        cells = [_cell(found.get((name, tool)), found.get((name, OURS))) for tool in tools]
        yield f"| {title} | {' | '.join(cells)} |"
    cells = [
        f"{max((each.middle.memory_mb for each in measured if each.tool == tool and each.runs), default=0):,.0f} MB"
        for tool in tools
    ]
    yield f"| memory, the most of all rows | {' | '.join(cells)} |"


def _cell(each: Measured | None, ours: Measured | None) -> str:
    if each is None:
        return "-"
    if not each.runs:
        return each.note
    wall_s, note = each.middle.wall_s, f", then {each.note}" if each.note else ""
    ratio = f" ({wall_s / ours.middle.wall_s:.1f} x)" if ours and ours.runs and each.tool != OURS else ""
    return f"{wall_s:.2f}{ratio}{note}"


def _in_full(measured: Sequence[Measured]) -> Iterator[str]:
    yield "| what | who | runs | median s | least to most | processor s | memory MB |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for each in measured:
        numbers = _numbers(each.runs) if each.runs else f"{each.note} | | | "
        yield f"| {each.row.title} | {each.tool} | {len(each.runs)} | {numbers} |"


def _numbers(runs: Sequence[Spent]) -> str:
    middle, walls = middle_of(runs), [run.wall_s for run in runs]
    span = f"{min(walls):.2f} to {max(walls):.2f}"
    return f"{middle.wall_s:.2f} | {span} | {middle.processor_s:.2f} | {middle.memory_mb:,.0f}"
