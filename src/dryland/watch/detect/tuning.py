"""Defines how closely a monitor looks: on which scale, in which direction, how wide its bounds are at least."""

from __future__ import annotations

from typing import Literal

from dryland.values import dataclass

Direction = Literal["both", "low", "high"]
WIDTH = 4.0  # standard deviations: of a dataset that has many monitors, each may be wrong once in years


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a monitor's bounds are made with."""

    is_factor: bool = True  # what counts is by which factor values differ, and not by how much
    direction: Direction = "both"
    width: float = WIDTH  # standard deviations on each side
    least_share: float = 0.0  # what differs by less than this share of the usual value is no matter
    least: float = 0.0  # what differs by less than this is no matter
    run_width: float = 1.0  # after two that lean, bounds on that side may be as near as this share; 1: as always
    warm_up: int = 14  # observations before anybody is told anything
    is_count: bool = False  # of things, never negative; a number that was never zero does not become it
    least_count: float = 2.0  # of things: what differs by so few is no matter
