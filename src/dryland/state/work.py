"""Defines who is at work: writers, what they hold, and what they are building."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from dryland.state.processes import is_gone
from dryland.state.records import Build
from dryland.values import dataclass

REFUSED = "_refused"  # prod's refused candidates are kept in the environment prod_refused
STORE = "store"  # the scope of whoever cleans up
LEASE_S = 60.0  # without a sign of life, and another may take over; a sign is given four times as often


def scope_of(environment: str) -> str:
    """What one lease covers: an environment, and what was refused there.

    >>> scope_of("prod"), scope_of("prod_refused")
    ('environment prod', 'environment prod')
    """
    return f"environment {environment.removesuffix(REFUSED)}"


def name_of(scope: str) -> str:
    """A scope as people call it."""
    return scope.removeprefix("environment ") if scope != STORE else "the store"


@dataclass(frozen=True, slots=True)
class Writer:
    """One process at its verb, as the store knows it; times are the store's own."""

    token: str  # told from all others, ever
    who: str  # user@host
    process: str  # see `processes.this_process`
    verb: str
    scope: str  # what it is for
    run_id: int | None
    since: datetime
    heard_s: float  # since its last sign of life
    left_s: float  # until another may take over; not above 0 once it has ended
    is_lost: bool  # another took over
    is_waiting: bool = False  # for somebody else to let go of the scope
    is_over: bool = False  # it has ended by itself

    @property
    def is_alive(self) -> bool:
        """Whether what it holds is its own still."""
        return self.left_s > 0 and not self.is_lost and not is_gone(self.process)

    @property
    def pid(self) -> int:
        """The number of its process, on its own machine."""
        return int(self.process.split(":")[1])

    def __str__(self) -> str:
        run = f", run {self.run_id}" if self.run_id is not None else ""
        return f"{self.who} (pid {self.pid}, {self.verb}{run}) since {self.since:%Y-%m-%d %H:%M:%S} UTC"

    def as_dict(self) -> dict[str, object]:
        """For machines."""
        return {
            "who": self.who, "pid": self.pid, "verb": self.verb, "run": self.run_id, "scope": name_of(self.scope),
            "since": self.since.isoformat(), "heard_s": round(self.heard_s, 1), "left_s": round(self.left_s, 1),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease, and who has it."""

    scope: str
    fence: int
    writer: Writer


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of claiming builds, by key: those to make, those that others have made, those that others make now."""

    mine: frozenset[str] = frozenset()
    made: Mapping[str, Build] = field(default_factory=dict)
    held: Mapping[str, Writer] = field(default_factory=dict)
