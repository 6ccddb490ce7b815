"""Defines what the portal knows of a dataset: what everybody asks first, and what a page of its own tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from dryland.project.nodes import Node, Source
from dryland.state.records import Build, Definition, Pointer, Profile, Verdict
from dryland.values import dataclass

State = Literal["failing", "stale", "warned", "unreleased", "unchecked", "good"]
STATES: tuple[State, ...] = ("failing", "stale", "warned", "unreleased", "unchecked", "good")


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """A check, and what it said last of what readers see."""

    unique_id: str
    name: str
    kind: str
    dataset: str  # unique id of what it is asked of
    column: str = ""
    severity: str = "error"
    description: str = ""
    place: str = ""
    verdict: Verdict | None = None  # of what is live; None: it was not asked of that

    @property
    def status(self) -> str:
        """The verdict's word; `unknown` without one."""
        return self.verdict.status if self.verdict else "unknown"

    @property
    def says_no(self) -> bool:
        """Whether what readers see is not as it should be."""
        return self.status in ("fail", "error")


@dataclass(frozen=True, slots=True)
class Parts:
    """What is remembered and written of a dataset, as far as there is any."""

    node: Node | None = None
    source: Source | None = None
    pointer: Pointer | None = None
    definition: Definition | None = None
    build: Build | None = None
    profile: Profile | None = None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What people were told of it when it was released."""
        found = self.definition.body.get("metadata") if self.definition else None
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Dataset:
    """A model, seed, snapshot or table of a source, as a line of the catalogue tells it."""

    unique_id: str
    name: str
    kind: str
    layer: str
    package: str
    state: State
    description: str = ""
    owner: str = ""
    contact: str = ""
    tags: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    checks: tuple[CheckStanding, ...] = ()
    published: str = ""
    path: str = ""
    rows: int | None = None
    built_at: datetime | None = None
    stale_since: str = ""
    stale_reason: str = ""
    missing: tuple[str, ...] = ()  # of what it should have
    parts: Parts = field(default_factory=Parts, repr=False)

    @property
    def failing(self) -> tuple[CheckStanding, ...]:
        """The checks that say no of what readers see."""
        return tuple(check for check in self.checks if check.says_no)

    @property
    def passed(self) -> int:
        """How many checks say yes."""
        return sum(check.status == "pass" for check in self.checks)


@dataclass(frozen=True, slots=True)
class Column:
    """A column, with what is written and measured of it."""

    name: str
    type: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    is_personal: bool = False
    constraints: tuple[str, ...] = ()
    nulls: int | None = None
    distinct: int | None = None
    least: str = ""
    most: str = ""
    rows: int | None = None
    checks: tuple[CheckStanding, ...] = ()
    is_seen: bool = False  # whether whoever asks sees its values as they are

    @property
    def null_share(self) -> float | None:
        """Between 0 and 1; None where nobody measured, or there is no row."""
        return min(self.nulls / self.rows, 1.0) if self.rows and self.nulls is not None else None

    @property
    def distinct_share(self) -> float | None:
        """The same of values that differ; it is an estimate."""
        return min(self.distinct / self.rows, 1.0) if self.rows and self.distinct is not None else None
