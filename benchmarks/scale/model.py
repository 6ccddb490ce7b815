"""Defines what a benchmark's project is made of, in no tool's words: models, their columns and their checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

SCHEMA, RAW = "analytics", "raw"
STATUSES = ("new", "paid", "sent", "returned")
REGIONS = ("north", "east", "south", "west")
TIERS = ("none", "small", "large")
VARIABLES: dict[str, int | str] = {"shards": 4, "start_date": "2024-01-01", "large_from": 50_000}


class Words(Protocol):
    """How one tool says what all of them can say."""

    def model(self, name: str) -> str:
        """Another model."""

    def raw(self, table: str) -> str:
        """A table that somebody else loads."""

    def variable(self, name: str) -> str:
        """A variable of the project, as a literal."""

    def cents(self, column: str) -> str:
        """The project's macro that makes whole cents of an amount."""

    def each(self, values: tuple[str, ...], form: str) -> str:
        """`form` for each value, with commas between; `{text}` stands for it as a literal, `{name}` in a name."""


@dataclass(frozen=True, slots=True)
class Check:
    """What must be true of a column; failures are rows, or values for lists."""

    kind: str
    column: str
    values: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    model: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One model: where it stands, what it reads, and how its query is written in a tool's words."""

    name: str
    layer: str
    is_view: bool
    reads: tuple[str, ...]
    columns: tuple[str, ...]
    checks: tuple[Check, ...]
    query: Callable[[Words], str]


def five(key: str, labelled: tuple[str, tuple[str, ...]], reference: str, bounded: str, to: str) -> tuple[Check, ...]:
    """The five checks that every model has: a key (two), a list, a reference to the customers, and bounds."""
    label, values = labelled
    return (
        Check("not_null", key),
        Check("unique", key),
        Check("accepted_values", label, values=values),
        Check("relationships", reference, model=to, field="customer_id"),
        Check("within", bounded, low=0, high=10**12),
    )
