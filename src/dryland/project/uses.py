"""Defines what a project says beside its tables: who uses them, what is measured on them, who owns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from dryland.project.nodes import Place
from dryland.values import dataclass

SemanticKind = Literal["semantic_model", "metric", "saved_query"]


@dataclass(frozen=True, slots=True)
class Exposure:
    """A use of the data outside the warehouse: a dashboard, a campaign, an application."""

    unique_id: str  # exposure.<package>.<name>
    name: str
    package: str
    place: Place
    fqn: tuple[str, ...]
    type: str = ""
    description: str = ""
    url: str = ""
    owner: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Semantic:
    """A semantic model, a metric or a saved query."""

    unique_id: str  # <kind>.<package>.<name>
    kind: SemanticKind
    name: str
    package: str
    place: Place
    fqn: tuple[str, ...]
    description: str = ""
    label: str = ""
    depends_on: tuple[
        str, ...
    ] = ()  # a semantic model's model; a metric's semantic models or metrics; a query's metrics
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)  # what else was written


@dataclass(frozen=True, slots=True)
class Analysis:
    """A query that is compiled and never run; what it reads counts for selectors."""

    unique_id: str  # analysis.<package>.<name>
    name: str
    package: str
    place: Place
    fqn: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of models with one owner."""

    name: str
    owner: Mapping[str, Any] = field(default_factory=dict)
