"""Defines a unit test: a model's SQL on rows that are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from dryland.project.nodes import Place
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class UnitTest:
    """A model's SQL on rows that are given, and the rows that it must make of them."""

    unique_id: str  # unit_test.<package>.<model>.<name>
    name: str
    package: str
    place: Place
    fqn: tuple[str, ...]
    model: str  # unique id of the model it is about
    given: tuple[Fixture, ...]
    expected: Fixture
    is_incremental: bool = False  # overridden: the model is rendered as for a table that is there
    macros: Mapping[str, Any] = field(default_factory=dict)  # overridden: name or package.name -> what it gives
    variables: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    trouble: Exception | None = field(default=None, repr=False, compare=False)  # an input that is nowhere

    @property
    def full_name(self) -> str:
        """The name with the version of the model that it is about, if that has versions."""
        return self.unique_id.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Fixture:
    """Rows of a unit test: as dictionaries, CSV text, or SQL."""

    of: str  # unique id of the input that they stand for, or `this`; empty for the rows that are expected
    format: Literal["dict", "csv", "sql"] = "dict"
    rows: tuple[
        Mapping[str, Any], ...
    ] = ()  # of dict and csv, values as written; a field that csv leaves empty is None
    sql: str = ""
    place: Place = field(default_factory=lambda: Place(""))
