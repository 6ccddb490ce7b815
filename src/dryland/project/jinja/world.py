"""Says what a template works with: the project's world, one pass over it, and how early YAML is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING, Any

from dryland.engines.relation import Relation
from dryland.project.jinja.clock import Clock
from dryland.project.jinja.state import Resolver, Warehouse
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.project.jinja.overrides import Overrides


class Stage(Enum):
    """What Jinja in YAML may use: the earlier the file is read, the less there is."""

    CONNECTION = "profiles.yml, dryland.yml: secrets; of vars only those of the command line"
    PROJECT = "dbt_project.yml: of vars only those of the command line"
    PROPERTIES = "files of properties: all vars"


@dataclass(frozen=True, slots=True)
class World:
    """What is the same for every template of a project."""

    project: str
    target: Mapping[str, Any]  # name, schema, database, type, threads, profile_name
    adapter: str  # whose words templates write
    environment: EnvironmentVariables = field(default_factory=lambda: EnvironmentVariables({}))
    variables: Mapping[str, Any] = field(default_factory=dict)  # of the project
    package_variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of packages, by name
    given_variables: Mapping[str, Any] = field(default_factory=dict)  # from the command line
    dispatch: Mapping[str, Sequence[str]] = field(default_factory=dict)
    versions: Mapping[str, str | None] = field(default_factory=dict)  # of the project and its packages
    warehouse: str = ""  # the kind of the warehouse, where SQL is translated for it; empty: that of the adapter


@dataclass(frozen=True, slots=True)
class Pass:
    """How a template is rendered."""

    execute: bool = False
    is_incremental: bool = False
    resolver: Resolver | None = None
    warehouse: Warehouse | None = None
    this: Relation | None = None
    relations: Mapping[str, Relation] = field(default_factory=dict)
    clock: Clock | None = None  # the run's own unless told
    graph: Callable[[], Mapping[str, Any]] | None = None  # that of the loaded project unless told
    selected: Sequence[str] | None = ()  # unique ids of what a run is about; None when there is no run yet
    full_refresh: bool = False
    overrides: Overrides | None = None  # of a unit test
    time_goes_on: bool = False  # of what does something and is not only written: `now` is now
    extra: Mapping[str, Any] = field(default_factory=dict)  # what only this use of a template gives it
