"""Reads what stands in DuckDB's schemas, by name as DuckDB compares names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from dryland.engines.duckdb_names import folded, literal
from dryland.engines.relation import Column, Found, Relation, reads_schema
from dryland.engines.statement import Asked
from dryland.errors import DrylandError
from dryland.values import dataclass

TABLE = re.compile(r'CREATE TABLE (?:(?:"(?:[^"]|"")+"|[^\s."(]+)\.){0,2}(?:"(?:[^"]|"")+"|[^\s."(]+)')


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
DESCRIBED_MAX = 12  # relations that are described in less time than all columns of a large warehouse are listed in


class Catalogue:
    """What stands in the schemas in question."""

    def __init__(self, standing: dict[Relation, Standing]) -> None:
        self._standing = standing

    def __contains__(self, name: Relation) -> bool:
        return folded(name) in self._standing

    def __getitem__(self, name: Relation) -> Standing:
        return self._standing.get(folded(name), NOTHING)


def read_catalogue(session: Asked, schemas: Iterable[str]) -> Catalogue:
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


def relations_in(session: Asked, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
    """Everything in these (database, schema) pairs, in one query; pairs come back as they were asked."""
    asked = {(database.lower(), schema.lower()): (database, schema) for database, schema in schemas}
    if not asked:
        return ()
    query = f"""
        SELECT database_name, schema_name, table_name, 'table', '' FROM duckdb_tables()
        WHERE NOT internal AND (lower(database_name), lower(schema_name)) IN ({_pairs(asked)})
        UNION ALL
        SELECT database_name, schema_name, view_name, 'view', sql FROM duckdb_views()
        WHERE NOT internal AND (lower(database_name), lower(schema_name)) IN ({_pairs(asked)})
        ORDER BY 1, 2, 3
    """
    return tuple(
        Found(Relation(*asked[database.lower(), schema.lower()], name), kind, sql or "")
        for database, schema, name, kind, sql in session.fetch(query).rows
    )


def collates(session: Asked) -> bool:
    """Whether a table or view says COLLATE anywhere: what is told of a column's type does not."""
    said = r"NOT internal AND regexp_matches(sql, '(?i)\bcollate\b')"
    query = f"""
        SELECT EXISTS (SELECT 1 FROM duckdb_tables() WHERE {said}) OR EXISTS (SELECT 1 FROM duckdb_views() WHERE {said})
    """
    return bool(session.fetch(query).rows[0][0])


class Bound(Asked, Protocol):
    """What binds names as well."""

    def bound(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a table or view."""
        ...


def columns_of(session: Bound, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
    """The columns of those that exist: of many tables and views in one query, of a few and of files in one each."""
    listed = sorted(set(relations))
    wanted = [relation for relation in listed if not relation.expression]
    files = {relation: found for relation in listed if relation.expression and (found := _described(session, relation))}
    return files | _columns_of_tables(session, wanted)


def _described(session: Bound, relation: Relation) -> tuple[Column, ...]:
    """The columns of one relation, or of a file, as it is now; empty when it cannot be read."""
    try:
        return session.bound(relation)
    except DrylandError:
        return ()


def _columns_of_tables(session: Bound, wanted: list[Relation]) -> dict[Relation, tuple[Column, ...]]:
    if not wanted:
        return {}
    if len(wanted) <= DESCRIBED_MAX:  # without a look at all that the warehouse holds
        described = {relation: found for relation in wanted if (found := _described(session, relation))}
        left = [relation for relation in wanted if relation not in described]
        return described | (_columns_in_catalogue(session, left) if left else {})
    return _columns_in_catalogue(session, wanted)


def _columns_in_catalogue(session: Asked, wanted: list[Relation]) -> dict[Relation, tuple[Column, ...]]:
    places = {(relation.database.lower(), relation.schema.lower()) for relation in wanted}
    names = literal(sorted({relation.name.lower() for relation in wanted}))
    query = f"""
        SELECT database_name, schema_name, table_name, column_name, data_type FROM duckdb_columns()
        WHERE (lower(database_name), lower(schema_name)) IN ({_pairs(places)})
          AND lower(table_name) IN (SELECT unnest({names}))
        ORDER BY database_name, schema_name, table_name, column_index
    """
    found: dict[Relation, list[Column]] = {}
    for database, schema, name, column, kind in session.fetch(query).rows:
        found.setdefault(folded(Relation(database, schema, name)), []).append(Column(column, kind))
    return {relation: tuple(found[folded(relation)]) for relation in wanted if folded(relation) in found}


def constrained_columns(session: Asked, table: Relation) -> str:
    """The columns of a table with their constraints, as CREATE TABLE takes them; empty for a table without any."""
    there = f"""
        lower(database_name) = {literal(table.database.lower())}
        AND lower(schema_name) = {literal(table.schema.lower())}
        AND lower(table_name) = {literal(table.name.lower())}
    """
    query = f"""
        SELECT sql FROM duckdb_tables() WHERE {there} AND (
            EXISTS (SELECT 1 FROM duckdb_constraints() WHERE {there})
            OR EXISTS (SELECT 1 FROM duckdb_columns() WHERE {there} AND column_default IS NOT NULL)
        )
    """
    return "".join(TABLE.sub("", sql).rstrip(";") for (sql,) in session.fetch(query).rows)


def _pairs(places: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"({literal(database)}, {literal(schema)})" for database, schema in sorted(places))
