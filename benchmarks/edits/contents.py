"""Says what tables contain: columns, types and rows, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

Content = tuple[tuple[tuple[str, str], ...], int, int]
"""Columns with their types in order, how many rows, and the sum of the rows' hashes."""


def contents(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> Mapping[str, Content]:
    """What each of these tables or views contains, by its name; those that are not there are left out."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where not internal and database_name = current_database() order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append((name, kind))
    there = [table for table in tables if table in columns]
    counted = _counted(connection, there)
    return {table: (tuple(columns[table]), *counted[table]) for table in there}


def _counted(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, tuple[int, int]]:
    """Rows and their hashes, asked of fifty tables at a time: most of what asking costs is the question."""
    found: dict[str, tuple[int, int]] = {}
    for at in range(0, len(tables), 50):
        asked = (
            f"select '{table}', count(*), coalesce(sum(hash(t)::hugeint), 0) from {_quoted(table)} t"
            for table in tables[at : at + 50]
        )
        for table, rows, hashed in connection.execute(" union all ".join(asked)).fetchall():
            found[table] = (rows, int(hashed))
    return found


def _quoted(table: str) -> str:
    return ".".join(f'"{part}"' for part in table.split("."))
