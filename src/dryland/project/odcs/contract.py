"""Defines a data contract: which columns, rules and service levels are promised, by whom, in which version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal

from dryland.project.nodes import Place
from dryland.project.odcs.allowed import Allowed
from dryland.values import dataclass

KEPT = ("active", "deprecated")  # of these the models are held to what is promised
TOLD = "readersTold"  # our own property: who was told of which version
Unit = Literal["rows", "percent", ""]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `quality`: what is measured, and what the measure may be."""

    metric: str  # of the library (nullValues, ...), or sql, text, custom
    place: Place
    allowed: Allowed | None = None  # None where nothing is compared
    unit: Unit = "rows"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    engine: str = ""
    implementation: Any = None
    name: str = ""
    description: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A relationship: the values of some columns are those of others."""

    columns: tuple[str, ...]
    to: str  # the name of the object
    fields: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object: a column."""

    name: str
    place: Place
    physical_type: str = ""
    logical_type: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)  # logicalTypeOptions
    is_required: bool = False
    is_unique: bool = False
    key_position: int = 0  # in the primary key, from 1; 0 is not in it
    description: str = ""
    classification: str = ""
    tags: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """An object of a contract: a table."""

    name: str
    place: Place
    physical_name: str = ""
    model: str = ""  # what `dryland_model` names
    node: str = ""  # unique id of what it is bound to
    description: str = ""
    tags: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order."""
        parts = sorted((each.key_position, at) for at, each in enumerate(self.fields) if each.key_position)
        return tuple(self.fields[at].name for _, at in parts)

    def all_rules(self) -> Iterator[tuple[Rule, Field | None]]:
        """Every rule, with the column that it is about."""
        yield from ((rule, None) for rule in self.rules)
        yield from ((rule, column) for column in self.fields for rule in column.rules)

    def all_references(self) -> tuple[Reference, ...]:
        """Every relationship, wherever it is written."""
        return (*self.references, *(each for column in self.fields for each in column.references))


@dataclass(frozen=True, slots=True)
class Service:
    """A service level, for example: at most four hours late."""

    property: str  # ODCS's word, its synonyms resolved: latency, retention, ...
    value: Any
    place: Place
    unit: str = ""
    element: str = ""  # table.column
    driver: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract file."""

    id: str
    version: str
    status: str
    place: Place
    name: str = ""
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    services: tuple[Service, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # version -> readers who were told of it

    @property
    def is_kept(self) -> bool:
        """Whether models are held to it: not while it is proposed, and no more once it is retired."""
        return self.status.lower() in KEPT

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.id

    def services_of(self, dataset: Dataset) -> tuple[Service, ...]:
        """The service levels that are about a dataset; those that name none are about all."""
        names = {dataset.name, dataset.physical_name}
        return tuple(each for each in self.services if _tables(each) <= names)


def contracted_nodes(contracts: Iterable[Contract]) -> dict[str, tuple[Contract, Dataset]]:
    """The nodes that are held to a contract, by unique id."""
    kept = ((contract, each) for contract in contracts if contract.is_kept for each in contract.datasets)
    return {dataset.node: (contract, dataset) for contract, dataset in kept if dataset.node}


def major_of(version: str) -> int | None:
    """The number before the first point; None where there is none.

    >>> major_of("v2.1.0"), major_of("3"), major_of("next")
    (2, 3, None)
    """
    found = re.match(r"\s*v?(\d+)", version)
    return int(found[1]) if found else None


def _tables(service: Service) -> set[str]:
    elements = [each.strip() for each in service.element.split(",") if "." in each]
    return {each.rpartition(".")[0] for each in elements}
