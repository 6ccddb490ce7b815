"""Defines a fault: one thing that goes wrong, in the data of a day, in a whole table, or in the code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Where = Literal["rows", "values", "shape", "load", "code"]

UNTIL = date(2026, 2, 24)  # the last of the world's two years; the days after it are played
ORDINARY_DAYS = 5
DAY, DAY_BEFORE = "2026-03-02", "2026-03-01"  # the day that arrives, and the last one that readers see
TODAY = f"batch_day = '{DAY}'"
TODAYS_FILE = f"file_name = '{DAY}.jsonl'"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a file of the project: `old`, which must be there, becomes `new`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `sql` is done to the schema `raw` after the day has arrived and before it is refreshed with `run`. `edits` are
    released with `apply`; some of them only show when a day is refreshed after that.
    """

    name: str
    what: str
    where: Where = "values"
    sql: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    refreshes: int = 0  # of a fault in the code: how often the day that arrives after its release is refreshed


def broken(name: str, what: str, *sql: str) -> Fault:
    """A fault in the data; whose list it is in says where."""
    return Fault(name, what, sql=sql)


def edited(name: str, what: str, path: str, old: str, new: str, *, refreshes: int = 0) -> Fault:
    """A fault in the code: one edit of one file."""
    return Fault(name, what, "code", edits=(Edit(path, old, new),), refreshes=refreshes)
