"""Holds what one rendering knows and collects: where it is, what it may ask, what it asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dryland.engines.relation import Column, Found, Relation
from dryland.project.jinja.clock import Clock


class Resolver(Protocol):
    """Finds what `ref` and `source` name; raises UnknownNameError when nothing does."""

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        """Unique id and relation of a node; for an ephemeral model the name of its CTE."""
        ...

    def source(self, source: str, table: str, asking: Scope) -> tuple[str, Relation]:
        """Unique id and relation of a source."""
        ...


class Warehouse(Protocol):
    """What a template may ask of a warehouse while it renders; given only at build time."""

    def run_query(self, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Column names and rows."""
        ...

    def columns(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a relation; empty when it does not exist."""
        ...

    def relations(self, database: str, schema: str) -> tuple[Found, ...]:
        """What stands in a schema."""
        ...


class NeedsWarehouseError(Exception):
    """A template asked the warehouse while there is none: it is rendered again when it is built."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which node a template belongs to."""

    path: str
    package: str
    unique_id: str = ""
    name: str = ""
    line: int = 1  # of the template's first line in the file, for templates inside YAML
    model: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class State:
    """One rendering."""

    scope: Scope
    config: dict[str, Any]  # from dbt_project.yml and YAML; in-file calls are added
    clock: Clock
    execute: bool = False
    is_incremental: bool = False
    resolver: Resolver | None = None
    warehouse: Warehouse | None = None
    this: Relation | None = None
    relations: Mapping[str, Relation] = field(default_factory=dict)  # physical, at build time
    context: dict[str, Any] = field(default_factory=dict)
    modules: dict[tuple[str, str], Any] = field(default_factory=dict)  # macro modules made for this rendering
    results: dict[str, Any] = field(default_factory=dict)  # of `statement`
    called_config: list[dict[str, Any]] = field(default_factory=list)
    refs: dict[tuple[str, str, str], None] = field(default_factory=dict)
    sources: dict[tuple[str, str], None] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)  # relation text -> what it stands for
    macros: set[str] = field(default_factory=set)
    asked_incremental: bool = False
    asked: set[str] = field(default_factory=set)  # of the names that are watched: `execute`, and those of the clock
    looked_closer: bool = False  # used a relation as more than a name, or asked the warehouse

    @property
    def is_provisional(self) -> bool:
        """Whether a second pass is due, in which `execute` is true and all names are known."""
        return self.looked_closer or "execute" in self.asked


_current = threading.local()


def current() -> State:
    """The rendering of this thread."""
    state: State = _current.state
    return state


class active:  # noqa: N801 - reads as a statement: `with active(state):`
    """Makes a rendering the current one of this thread, for the time of a `with`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __enter__(self) -> State:
        self._before = getattr(_current, "state", None)
        _current.state = self._state
        return self._state

    def __exit__(self, *_: object) -> None:
        _current.state = self._before
