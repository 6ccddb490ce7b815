"""Puts measurements into a table for people and into plain data for machines."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from process import Spent
from rows import Row
from tools import OURS


@dataclass(frozen=True, slots=True)
class Measured:
    """What one tool did about one row: its runs, or why there are none."""

    row: Row
    tool: str
    runs: tuple[Spent, ...]
    note: str = ""

    @property
    def wall_s(self) -> float:
        """The middle of the clock."""
        return statistics.median(each.wall_s for each in self.runs)

    @property
    def processor_s(self) -> float:
        """The middle of the processor."""
        return statistics.median(each.processor_s for each in self.runs)

    @property
    def memory_mb(self) -> float:
        """The most."""
        return max(each.memory_mb for each in self.runs)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where, when and with what it was measured."""

    models: int
    checks: int
    rounds: int
    versions: dict[str, str]
    load_before: float

    @property
    def machine(self) -> str:
        """The machine."""
        return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"

    @property
    def date(self) -> str:
        """Today, in Greenwich."""
        return f"{datetime.now(UTC):%Y-%m-%d}"


def markdown(measured: Sequence[Measured], told: Circumstances) -> str:
    """Seconds side by side, then everything that was measured."""
    return "\n".join([*_head(told), "", *_side_by_side(measured), "", *_in_full(measured)])


def as_data(measured: Sequence[Measured], told: Circumstances) -> dict[str, object]:
    """The same for machines, with every single run."""
    return {
        "date": told.date, "machine": told.machine, "versions": told.versions, "models": told.models,
        "checks": told.checks, "rounds": told.rounds, "load": [told.load_before, os.getloadavg()[0]],
        "measured": [
            {"row": each.row.name, "title": each.row.title, "tool": each.tool, "note": each.note,
             "runs": [asdict(run) for run in each.runs], **_medians(each)}
            for each in measured
        ],
    }  # fmt: skip


def _medians(each: Measured) -> dict[str, float]:
    if not each.runs:
        return {}
    return {"wall_s": each.wall_s, "processor_s": each.processor_s, "memory_mb": each.memory_mb}


def _head(told: Circumstances) -> Iterator[str]:
    yield f"# {told.models:,} models, {told.checks:,} checks"
    yield ""
    yield (
        f"{told.date}, {told.machine}; load {told.load_before:.1f} before, {os.getloadavg()[0]:.1f} after. "
        f"Medians of {told.rounds} in turns at most, whole processes."
    )
    yield ""
    yield from (f"- {name}: {version}" for name, version in told.versions.items())


def _side_by_side(measured: Sequence[Measured]) -> Iterator[str]:
    tools = list(dict.fromkeys(each.tool for each in measured))
    found = {(each.row.name, each.tool): each for each in measured}
    yield f"| seconds | {' | '.join(tools)} |"
    yield f"|---|{'--:|' * len(tools)}"
    for name, title in dict.fromkeys((each.row.name, each.row.title) for each in measured):
        cells = [_cell(found.get((name, tool)), found.get((name, OURS))) for tool in tools]
        yield f"| {title} | {' | '.join(cells)} |"
    cells = [
        f"{max((each.memory_mb for each in measured if each.tool == tool and each.runs), default=0):,.0f} MB"
        for tool in tools
    ]
    yield f"| memory, the most of all rows | {' | '.join(cells)} |"


def _cell(each: Measured | None, ours: Measured | None) -> str:
    if each is None:
        return "-"
    if not each.runs:
        return each.note
    ratio = f" ({each.wall_s / ours.wall_s:.1f} x)" if ours and ours.runs and each.tool != OURS else ""
    return f"{each.wall_s:.2f}{ratio}"


def _in_full(measured: Sequence[Measured]) -> Iterator[str]:
    yield "| what | who | runs | median s | least to most | processor s | memory MB |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for each in measured:
        walls = [run.wall_s for run in each.runs]
        numbers = (
            f"{each.wall_s:.2f} | {min(walls):.2f} to {max(walls):.2f} | {each.processor_s:.2f} | {each.memory_mb:,.0f}"
            if walls
            else f"{each.note} | | | "
        )
        yield f"| {each.row.title} | {each.tool} | {len(walls)} | {numbers} |"
