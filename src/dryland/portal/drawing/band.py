"""Draws what a monitor measured over time, with the band of what was usual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from dryland.values import dataclass

WIDTH, HEIGHT, MARGIN = 480, 120, 8
AIR = 0.06  # of the height, above and below everything


@dataclass(frozen=True, slots=True)
class Seen:
    """One value, between which it was usual (None: no bound), and whether it was told as unusual."""

    at: datetime
    value: float
    low: float | None = None
    high: float | None = None
    is_told: bool = False
    has_band: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """A line with a band behind it."""

    points: tuple[tuple[float, float, bool], ...]  # x, y, whether it was told
    line: str
    area: str  # of the band; empty where there is none
    told: str  # for those who cannot see it
    width: int = WIDTH
    height: int = HEIGHT


def band(values: Sequence[Seen]) -> Band | None:
    """The picture, by moments from left to right; None for fewer than two values."""
    if len(values) < 2:
        return None
    first, last = values[0].at, values[-1].at
    span = (last - first).total_seconds()
    ends = [end for each in values for end in (each.value, each.low, each.high) if end is not None]
    least, most = min(ends), max(ends)
    room = (most - least) or 1.0
    bottom, top = least - AIR * room, most + AIR * room

    def x(place: int) -> float:
        share = (values[place].at - first).total_seconds() / span if span else place / (len(values) - 1)
        return MARGIN + (WIDTH - 2 * MARGIN) * share

    def y(value: float) -> float:
        return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - bottom) / (top - bottom)

    points = tuple((x(place), y(each.value), each.is_told) for place, each in enumerate(values))
    banded = [(x(place), each) for place, each in enumerate(values) if each.has_band and _is_bound(each)]
    upper = [(at, y(top if each.high is None else each.high)) for at, each in banded]
    lower = [(at, y(bottom if each.low is None else each.low)) for at, each in banded]
    area = _path([*upper, *reversed(lower)]) if len(banded) > 1 else ""
    told = sum(each.is_told for each in values)
    said = f"{len(values)} values, from {values[0].value:,.6g} to {values[-1].value:,.6g}, {told} unusual"
    return Band(points, _path((at, height) for at, height, _ in points), area, said)


def _is_bound(seen: Seen) -> bool:
    return seen.low is not None or seen.high is not None


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
