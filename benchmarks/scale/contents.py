"""Compares what several warehouses show: the rows of every model, in whatever order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from scale.model import SCHEMA

Contents = dict[str, tuple[int, int]]
"""Each model's number of rows, and a hash of them all."""


def contents(warehouse: Path, models: Mapping[str, Sequence[str]]) -> Contents:
    """What readers see of models, by their columns in our order: tools may put them in another."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        return {name: _content(connection, name, columns) for name, columns in models.items()}


def _content(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> tuple[int, int]:
    row = ", ".join(f"cast({column} as varchar)" for column in columns)
    query = f"select count(*), coalesce(sum(hash(row({row}))::hugeint), 0) from {SCHEMA}.{name}"
    count, digest = connection.execute(query).fetchall()[0]
    return int(count), int(digest)
