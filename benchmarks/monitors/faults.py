"""Puts one fault into a history, and remembers where: the truth that detectors are scored by."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitors.histories import JUDGED_DAYS, LEARNING_DAYS, START, History


@dataclass(frozen=True)
class Fault:
    """What is wrong, and in which observations."""

    kind: str
    first: int  # number of the observation
    last: int

    def is_in(self, number: int) -> bool:
        """Whether an observation has it."""
        return self.first <= number <= self.last


def with_fault(history: History, kind: str, random_: random.Random) -> tuple[History, Fault]:
    """A copy with one fault, which begins on any day of the time that is judged.

    That may be a Sunday or a holiday on which no rows come: then a short one changes nothing that anybody could see,
    and counts as missed all the same.
    """
    found = copy.deepcopy(history)
    days = LASTING[kind]
    first_day = START + timedelta(days=LEARNING_DAYS + 5)
    last_day = START + timedelta(days=LEARNING_DAYS + JUDGED_DAYS - days - 1)
    starts = [number for number, at in enumerate(found.at) if first_day <= at <= last_day]
    first = random_.choice(starts)
    fault = Fault(kind, first, min(first + days - 1, len(found.at) - 1))
    CHANGES[kind](found, fault, random_)
    return found, fault


def _rows_times(factor: Callable[[int], float]) -> Callable[[History, Fault, random.Random], None]:
    """Each day's rows times a factor; where rows stay, what is missing stays missing."""

    def change(history: History, fault: Fault, random_: random.Random) -> None:
        missing = 0.0
        for number in range(fault.first, len(history.at)):
            by = factor(number - fault.first) if fault.is_in(number) else 1.0
            body = history.bodies[number]
            if history.traits.grows:
                missing += history.rows[number] * (by - 1)
                body["rows"] = round(body["rows"] + missing)
            elif fault.is_in(number):
                body["rows"] = round(body["rows"] * by)

    return change


def _stalled(history: History, fault: Fault, random_: random.Random) -> None:
    """Nothing arrives any more: the newest row, the rows and all else stay as they were."""
    stands = copy.deepcopy(history.bodies[fault.first - 1])
    for number in range(fault.first, fault.last + 1):
        history.bodies[number] = {
            **copy.deepcopy(stands), **{name: history.bodies[number][name] for name in ("duration_s", "cost_s")},
        }  # fmt: skip


def _nulls(history: History, fault: Fault, random_: random.Random) -> None:
    column, more = f"c{random_.randrange(6)}", random_.uniform(0.1, 0.6)
    for number in range(fault.first, fault.last + 1):
        said: dict[str, Any] = history.bodies[number]["columns"].get(column, {})
        if said:
            said["nulls"] += (1 - said["nulls"]) * more


def _schema(history: History, fault: Fault, random_: random.Random) -> None:
    column, how = f"c{random_.randrange(6)}", random_.choice(("gone", "type", "new"))
    for number in range(fault.first, len(history.at)):
        columns = history.bodies[number]["columns"]
        if how == "gone":
            columns.pop(column, None)
        elif how == "type" and column in columns:
            columns[column]["type"] = "VARCHAR"
        elif columns:
            columns["c_new"] = {"type": "BIGINT", "nulls": 0.0}


def _every_hour(history: History, fault: Fault, random_: random.Random) -> None:
    """It is built each hour, and no more than daily is it looked at."""
    for number in range(fault.first, fault.last + 1):
        history.bodies[number]["cost_s"] = 24 * history.bodies[number]["duration_s"]


LASTING = {
    "volume drop 30 %": 3, "volume rise 30 %": 3, "volume drop 30 %, one day": 1, "stall": 3, "null burst": 2,
    "level shift 40 %": 7, "schema change": 1, "slow drift": 28,
    "built 24 times a day": 3,
}  # fmt: skip
"""Kind -> days."""

CHANGES: dict[str, Callable[[History, Fault, random.Random], None]] = {
    "volume drop 30 %": _rows_times(lambda day: 0.7),
    "volume rise 30 %": _rows_times(lambda day: 1.3),
    "volume drop 30 %, one day": _rows_times(lambda day: 0.7),
    "stall": _stalled,
    "null burst": _nulls,
    "level shift 40 %": _rows_times(lambda day: 0.6),
    "schema change": _schema,
    "built 24 times a day": _every_hour,
    "slow drift": _rows_times(lambda day: 0.975 ** (day + 1)),
}
VOLUME_30 = ("volume drop 30 %", "volume rise 30 %")
