"""Holds what is asked of checks, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Relation
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.state.records import Profile, Verdict
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Checks, and where everything they read is."""

    project: Project
    engine: Engine
    checks: tuple[Check, ...]
    relations: Mapping[str, Relation]  # unique id -> what to look at
    builds: Mapping[str, str]  # unique id -> key of that build
    columns: Mapping[str, tuple[Column, ...]]
    hashes: Mapping[str, str]  # check -> hash of its definition
    cached: Mapping[str, Verdict] = field(default_factory=dict)  # by verdict id
    profile_of: str = ""  # the node to profile in the same scan
    environment: str = ""  # whose checks they are; empty is the default one
    stored: frozenset[str] = frozenset()  # unique ids of those that are tables, of which the warehouse has statistics
    around: Mapping[str, Relation] = field(default_factory=dict)  # what a check may ask about beside what it refers to
    history: Mapping[str, tuple[Profile, ...]] = field(default_factory=dict)  # of builds before, the newest first

    @property
    def places(self) -> Mapping[str, Relation]:
        """Where everything is that a check may name."""
        return {**self.around, **self.relations}

    def place(self, unique_id: str) -> Relation | None:
        """Where one of them is."""
        return self.relations.get(unique_id) or self.around.get(unique_id)

    @property
    def dialect(self) -> str:
        """The warehouse's dialect."""
        return self.engine.dialect

    def alias(self, unique_id: str) -> str:
        """The name that a condition may use for a table: the one that readers know it by."""
        read = self.project.nodes.get(unique_id) or self.project.sources.get(unique_id)
        return read.relation.name if read else ""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What the checks said."""

    verdicts: tuple[Verdict, ...]
    profile: Profile | None = None
