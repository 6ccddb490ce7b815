"""Quotes names and values for DuckDB."""

from __future__ import annotations

from functools import lru_cache

from dryland.engines.relation import Relation


def quoted(name: str) -> str:
    """One identifier; a quote inside is doubled."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=100_000)
def rendered(relation: Relation) -> str:
    """The three-part name, or what stands for it."""
    return relation.expression or ".".join(quoted(part) for part in (relation.database, relation.schema, relation.name))


def folded(relation: Relation) -> Relation:
    """The name as DuckDB compares it: `Orders` and `orders` are one table."""
    return relation.folded


def literal(value: str | int | list[str]) -> str:
    """One value as SQL. Binding it as a parameter would make DuckDB import pandas, which takes a second."""
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
