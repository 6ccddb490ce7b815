"""Defines what is proposed, and what has to be asked of a table before it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from sqlglot import exp

from dryland.values import dataclass

Sure = Literal["sure", "likely", "guess"]
LEVELS: tuple[Sure, ...] = ("sure", "likely", "guess")
BUILT_IN = frozenset({"not_null", "unique", "accepted_values", "relationships"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A check that the table passes now, and what speaks for it."""

    check: str
    column: str = ""  # empty: it is about the table
    arguments: Mapping[str, Any] = field(default_factory=dict)
    evidence: str = ""
    sure: Sure = "likely"
    settings: Mapping[str, Any] = field(default_factory=dict)  # severity and the like

    @property
    def is_native(self) -> bool:
        """Whether it is none of the four that dbt brings along, in the form that dbt knows."""
        return self.check not in BUILT_IN or not self.column or "mostly" in self.arguments


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be proposed: aggregates of the table, and what their values make of it."""

    asks: tuple[exp.Expr, ...]
    settle: Callable[[Sequence[Any]], Proposal | None]


def known(proposal: Proposal) -> Candidate:
    """What needs no question: the profile has shown it."""
    return Candidate((), lambda _: proposal)


def by_rows(rows: int, *, many: int = 1000, some: int = 30) -> Sure:
    """How sure something is that held for so many rows.

    >>> by_rows(1_000_000), by_rows(100), by_rows(3)
    ('sure', 'likely', 'guess')
    """
    return "sure" if rows >= many else "likely" if rows >= some else "guess"


def less(sure: Sure) -> Sure:
    """One level less sure."""
    return "likely" if sure == "sure" else "guess"
