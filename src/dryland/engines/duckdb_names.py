"""Quotes names for DuckDB."""

from __future__ import annotations

from dryland.engines.relation import Relation


def quoted(name: str) -> str:
    """One identifier; a quote inside is doubled."""
    return '"' + name.replace('"', '""') + '"'


def rendered(relation: Relation) -> str:
    """The three-part name."""
    return ".".join(quoted(part) for part in (relation.database, relation.schema, relation.name))
