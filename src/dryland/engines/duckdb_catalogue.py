"""Reads what stands in DuckDB's schemas, by name as DuckDB compares names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dryland.engines.duckdb_names import folded, literal
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation, reads_schema


@dataclass(frozen=True, slots=True)
class Standing:
    """A table or view, as DuckDB tells it."""

    name: str = ""  # as its maker wrote it
    kind: str = ""  # `table` or `view`; empty where nothing stands
    sql: str = ""  # the statement that makes it
    comment: str = ""

    def is_ours(self, store_schema: str) -> bool:
        """Whether it is a view of a build: what we publish, and may replace or drop."""
        return self.kind == "view" and reads_schema(self.sql, store_schema)


NOTHING = Standing()


class Catalogue:
    """What stands in the schemas in question."""

    def __init__(self, standing: dict[Relation, Standing]) -> None:
        self._standing = standing

    def __contains__(self, name: Relation) -> bool:
        return folded(name) in self._standing

    def __getitem__(self, name: Relation) -> Standing:
        return self._standing.get(folded(name), NOTHING)


def read_catalogue(session: DuckDBSession, schemas: Iterable[str]) -> Catalogue:
    """Everything in schemas of these names, in one query."""
    names = literal(sorted({schema.lower() for schema in schemas}))
    query = f"""
        SELECT database_name, schema_name, table_name, 'table', sql, comment FROM duckdb_tables()
        WHERE lower(schema_name) IN (SELECT unnest({names})) AND NOT internal
        UNION ALL
        SELECT database_name, schema_name, view_name, 'view', sql, comment FROM duckdb_views()
        WHERE lower(schema_name) IN (SELECT unnest({names})) AND NOT internal
    """
    return Catalogue(
        {
            folded(Relation(database, schema, name)): Standing(name, kind, sql or "", comment or "")
            for database, schema, name, kind, sql, comment in session.fetch(query).rows
        }
    )
