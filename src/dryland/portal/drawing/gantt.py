"""Draws when each step of a run began and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dryland.portal.wording import length, plain
from dryland.state.records import StepRecord
from dryland.values import dataclass

ROWS_MAX = 60  # that are drawn: those that took longest; the table has all
WIDTH, LABEL, ROW, TOP = 900, 220, 22, 26
TICKS = 5
BAR_MIN = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One step."""

    node: str
    name: str
    status: str
    x: float
    y: float
    width: float
    told: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """All bars, and the scale above them."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float
    left_out: int


def gantt(steps: Iterable[StepRecord], start: datetime, names: dict[str, str]) -> Gantt | None:
    """The steps in the order in which they began; None when nothing took any time."""
    timed = [step for step in steps if step.duration_s > 0]
    if not timed:
        return None
    chosen = sorted(timed, key=lambda step: -step.duration_s)[:ROWS_MAX]
    began = {id(step): max((plain(step.started_at) - plain(start)).total_seconds(), 0.0) for step in chosen}
    end = max(began[id(step)] + step.duration_s for step in chosen)
    scale = (WIDTH - LABEL) / end
    chosen.sort(key=lambda step: (began[id(step)], step.node))
    bars = tuple(
        Bar(
            step.node, names.get(step.node, step.node), step.status, LABEL + began[id(step)] * scale, TOP + row * ROW,
            max(step.duration_s * scale, BAR_MIN), f"{length(step.duration_s)}, from {length(began[id(step)])}",
        )
        for row, step in enumerate(chosen)
    )  # fmt: skip
    ticks = tuple((LABEL + (WIDTH - LABEL) * tick / TICKS, length(end * tick / TICKS)) for tick in range(TICKS))
    return Gantt(bars, ticks, TOP + len(bars) * ROW + 6, len(timed) - len(chosen))
