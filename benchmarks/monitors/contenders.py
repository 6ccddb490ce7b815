"""Lets the contenders look at a history day by day: our monitors as they are shipped, and Elementary's method."""

from __future__ import annotations

from dryland.project.monitors import Monitors
from dryland.state.observed import Observation
from dryland.watch.replay import replayed
from monitors import elementary
from monitors.histories import HOLIDAYS, History


def ours(history: History) -> list[set[str]]:
    """As after each refresh, with what was told before left out of what is usual."""
    seen = [
        Observation("prod", "model.shop.orders", at, body)
        for at, body in zip(history.at, history.bodies, strict=True)
    ]  # fmt: skip
    told: list[set[str]] = [set() for _ in seen]
    number = {at: each for each, at in enumerate(history.at)}
    for alert in replayed(seen, Monitors(holidays=frozenset(HOLIDAYS)), since=history.judged_from):
        told[number[alert.at]].add(alert.monitor)
    return told


def z_score(history: History) -> list[set[str]]:
    """Elementary's defaults."""
    return _elementary(history, weekly=False)


def z_score_by_weekday(history: History) -> list[set[str]]:
    """With `seasonality: day_of_week`."""
    return _elementary(history, weekly=True)


def _elementary(history: History, *, weekly: bool) -> list[set[str]]:
    bodies = elementary.grown(history.at, history.bodies) if history.traits.grows else history.bodies
    return [
        elementary.anomalies(history.at, bodies, number, weekly=weekly) if at >= history.judged_from else set()
        for number, at in enumerate(history.at)
    ]


CONTENDERS = {
    "dryland": ours, "z-score, as Elementary by default": z_score,
    "z-score by day of the week, as Elementary when told": z_score_by_weekday,
}  # fmt: skip
