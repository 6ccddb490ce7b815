"""Holds what one rendering knows and collects: where it is, what it may ask, what it asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, Protocol

from dryland.engines.relation import Column, Found, Relation
from dryland.project.jinja.clock import Clock
from dryland.values import dataclass


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

    def execute(self, sql: str) -> None:
        """Run SQL whose rows nobody wants."""
        ...

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        ...

    def columns(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a relation; empty when it does not exist."""
        ...

    def relations(self, database: str, schema: str) -> tuple[Found, ...]:
        """What stands in a schema."""
        ...


class NeedsWarehouseError(Exception):
    """A template asked the warehouse, or what a run is about, while there is none: it is rendered when it is built."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which node a template belongs to."""

    path: str
    package: str
    unique_id: str = ""
    name: str = ""
    line: int = 1  # of the template's first line in the file, for templates inside YAML
    model: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a template says to people: by `exceptions.warn`, `log(..., info=True)` or `print`."""

    kind: Literal["warning", "info"]
    text: str
    place: str  # path, and line where that is known


class Asking(set[str]):
    """The watched names that one rendering asked for; whoever renders all of them hears of each."""

    def __init__(self, heard: set[str]) -> None:
        super().__init__()
        self._heard = heard

    def add(self, name: str) -> None:
        """One more."""
        self._heard.add(name)
        super().add(name)


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
    graph: Callable[[], Mapping[str, Any]] | None = None
    added_to_graph: dict[str, Any] = field(default_factory=dict)  # by this rendering and those before it
    this: Relation | None = None
    relations: Mapping[str, Relation] = field(default_factory=dict)  # physical, at build time
    context: dict[str, Any] = field(default_factory=dict)
    modules: dict[tuple[str, str], Any] = field(default_factory=dict)  # macro modules made for this rendering
    results: dict[str, Any] = field(default_factory=dict)  # of `statement`
    called_config: list[dict[str, Any]] = field(default_factory=list)
    refs: dict[tuple[str, str, str], None] = field(default_factory=dict)
    sources: dict[tuple[str, str], None] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)  # relation text -> what it stands for
    printed: dict[str, Any] = field(default_factory=dict)  # relation text -> the value that printed it
    macros: set[str] = field(default_factory=set)
    called: dict[str, None] = field(default_factory=dict)  # of these, what the template itself called, in that order
    depth: int = 0  # how many macros deep it is
    asked_incremental: bool = False
    asked: set[str] = field(default_factory=set)  # of the names that are watched: `execute`, and those of the clock
    looked_closer: bool = False  # used a relation as more than a name, or asked the warehouse
    time_goes_on: bool = False  # else `now` is the clock's moment, however often it is asked for
    is_forgiving: bool = False  # what is not there is nothing, as when dbt parses; the next pass tells of it
    say: Callable[[Said], None] = lambda said: None  # takes what the template says to people

    @property
    def is_provisional(self) -> bool:
        """Whether a second pass is due, in which `execute` is true and all names are known."""
        return self.looked_closer or not self.asked.isdisjoint(("execute", "model", "selected_resources"))

    @property
    def may_ask_incremental(self) -> bool:
        """Whether it asked if the model is incremental, or may do so in the second pass."""
        return self.asked_incremental or self.is_provisional


_current = threading.local()


def current() -> State:
    """The rendering of this thread."""
    state: State = _current.state
    return state


def called(unique_id: str) -> None:
    """Note that a macro is called: what others call on its behalf is no matter of the template's own."""
    state = current()
    state.macros.add(unique_id)
    if state.depth == 0:
        state.called[unique_id] = None


def overlooks() -> bool:
    """Whether this rendering goes on over what is not there; if so another is due, which does not."""
    state = current()
    state.looked_closer = state.looked_closer or state.is_forgiving
    return state.is_forgiving


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
