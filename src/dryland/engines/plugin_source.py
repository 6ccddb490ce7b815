"""Describes a source to the plugin that loads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from dryland.engines.relation import Relation
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class PluginSource:
    """A source as plugins of dbt-duckdb's see it: what its `meta` and configuration say, by key."""

    name: str
    relation: Relation
    meta: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """The name of its table."""
        return self.relation.name

    @property
    def schema(self) -> str:
        """The schema of its table."""
        return self.relation.schema

    @property
    def database(self) -> str:
        """The database of its table."""
        return self.relation.database

    def get(self, key: str, default: Any = None) -> Any:
        """What it says of a key."""
        return self.meta.get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self.meta[key]

    def __contains__(self, key: object) -> bool:
        return key in self.meta

    def table_name(self) -> str:
        """Where its table is, unquoted."""
        return ".".join(part for part in (self.database, self.schema, self.identifier) if part)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as placeholders want it."""
        named = {"name": self.name, "identifier": self.identifier, "schema": self.schema, "database": self.database}
        return {**named, "tags": list(self.tags), **self.meta}
