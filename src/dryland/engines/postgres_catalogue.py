"""Reads what stands in PostgreSQL's schemas; names are exact."""

from __future__ import annotations

from collections.abc import Iterable

from dryland.engines.postgres_names import NAME_BYTES_MAX, literal, texts
from dryland.engines.relation import Column, Found, Relation
from dryland.engines.statement import Asked

TABLES = "'r', 'p', 'f', 'm'"  # plain, partitioned, foreign; a materialised view holds rows as they do
FILLED = "not empty"  # what we say of unlogged tables with rows: if they have none, the server has emptied them
READABLE = f"{TABLES}, 'v'"
TYPE = "pg_catalog.format_type(a.atttypid, a.atttypmod)"
COLLATED_TYPE = f"""
    {TYPE} || CASE WHEN a.attcollation = 0 THEN '' ELSE ' COLLATE ' || a.attcollation::pg_catalog.regcollation::text END
"""


def schemas_missing(session: Asked, schemas: Iterable[str]) -> list[str]:
    """Those that do not exist."""
    wanted = sorted(set(schemas))
    query = f"SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY({texts(wanted)})"
    found = {name for (name,) in session.fetch(query).rows} if wanted else set()
    return [schema for schema in wanted if schema not in found]


def relations_in(session: Asked, schemas: Iterable[tuple[str, str]], here: str) -> tuple[Found, ...]:
    """Everything in these (database, schema) pairs, in one query; other databases cannot be seen from here.

    An unlogged table that the server emptied when it came back from a crash is not there; see `postgres_storage`.
    """
    wanted = sorted({schema for database, schema in schemas if database == here})
    if not wanted:
        return ()
    query = f"""
        SELECT n.nspname, c.relname, CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END,
            CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) ELSE '' END
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ({READABLE}) AND n.nspname = ANY({texts(wanted)}) AND NOT (
            c.relpersistence = 'u' AND pg_catalog.pg_relation_size(c.oid) = 0
            AND pg_catalog.obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM {literal(FILLED)}
        )
        ORDER BY 1, 2
    """
    return tuple(
        Found(Relation(here, schema, name), kind, sql or "") for schema, name, kind, sql in session.fetch(query).rows
    )


def collates(session: Asked) -> bool:
    """Whether any column has another collation than its type."""
    query = """
        SELECT EXISTS (
            SELECT 1 FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attcollation <> t.typcollation
                AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        )
    """
    return bool(session.fetch(query).rows[0][0])


def columns_of(
    session: Asked, relations: Iterable[Relation], here: str, kind: str = TYPE
) -> dict[Relation, tuple[Column, ...]]:
    """The columns of those that exist, in one query."""
    wanted = _nameable(relations, here)
    if not wanted:
        return {}
    query = f"""
        SELECT n.nspname, c.relname, a.attname, {kind}
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN {listed(wanted)} ON n.nspname = asked.schema_name AND c.relname = asked.table_name
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ({READABLE})
        ORDER BY n.nspname, c.relname, a.attnum
    """
    found: dict[Relation, list[Column]] = {}
    for schema, name, column, kind in session.fetch(query).rows:
        found.setdefault(Relation(here, schema, name), []).append(Column(column, kind))
    return {relation: tuple(found[relation]) for relation in wanted if relation in found}


def kinds_of(session: Asked, relations: Iterable[Relation]) -> dict[Relation, str]:
    """What exists of these, by PostgreSQL's letter for its kind, in one query."""
    wanted = list(dict.fromkeys(relations))
    query = f"""
        SELECT n.nspname, c.relname, c.relkind
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN {listed(wanted)} ON n.nspname = asked.schema_name AND c.relname = asked.table_name
        WHERE c.relkind IN ({READABLE})
    """
    found = {(schema, name): str(kind) for schema, name, kind in session.fetch(query).rows} if wanted else {}
    return {each: found[each.schema, each.name] for each in wanted if (each.schema, each.name) in found}


def _nameable(relations: Iterable[Relation], here: str) -> list[Relation]:
    """Those that can exist: in this database, and with a name that PostgreSQL does not cut."""
    return sorted(
        {
            each
            for each in relations
            if each.database == here and not each.expression and len(each.name.encode()) <= NAME_BYTES_MAX
        }
    )


def listed(relations: Iterable[Relation]) -> str:
    """Names as a table of their own, to join with."""
    rows = ", ".join(f"({literal(each.schema)}, {literal(each.name)})" for each in relations)
    return f"(VALUES {rows}) AS asked(schema_name, table_name)"
