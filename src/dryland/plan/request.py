"""Defines what a plan is made from besides the project: what is deployed, and what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dryland.engines.relation import Column, Found
from dryland.state.records import Build, Definition, Pointer


@dataclass(frozen=True, slots=True)
class Deployed:
    """What stands in one environment, and which builds exist anywhere."""

    environment: str
    pointers: Mapping[str, Pointer] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    builds: Mapping[str, Build] = field(default_factory=dict)
    found: tuple[Found, ...] = ()  # what stands in the schemas that would be published to


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked, and what was measured for it."""

    verb: Literal["apply", "run"] = "apply"
    tokens: Mapping[str, str] = field(default_factory=dict)  # source -> token; see `build.sources`
    now: str = ""  # moves what has no token
    volatile_token: str = ""  # "now" at the grain the team set, for volatile functions
    source_columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    check_hashes: Mapping[str, str] = field(default_factory=dict)  # check -> hash of its definition
    only: frozenset[str] | None = None  # selected nodes; None is all
    full_refresh: bool = False

    def includes(self, nodes: Iterable[str]) -> bool:
        """Whether any of these nodes is asked for."""
        return self.only is None or any(node in self.only for node in nodes)
