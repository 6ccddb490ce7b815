"""Makes catalog.json: what stands in the warehouse under the project's names, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dryland.artifacts.invocation import Invocation
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Found, Relation

SCHEMA = "catalog/v1"
KINDS = {"table": "BASE TABLE", "view": "VIEW"}
Entries = Mapping[str, Mapping[str, Any]]
RELATIONS = ("model", "seed", "snapshot", "test")


def catalog(
    engine: Engine, listed: Entries, sources: Entries, invocation: Invocation, rows: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The whole catalog of a manifest's nodes and sources, with one question for all relations and one for all columns.

    `rows` are the numbers of rows that are known, by unique id.
    """
    nodes = {uid: each for uid, each in listed.items() if _has_relation(each)}
    wanted = {uid: _relation(each) for uid, each in (*nodes.items(), *sources.items())}
    found = {each.relation.folded: each for each in engine.list_relations(_schemas(wanted.values()))}
    standing = {uid: found[relation.folded] for uid, relation in wanted.items() if relation.folded in found}
    columns = engine.columns([each.relation for each in standing.values()])
    tables = {
        uid: _table(uid, each, columns.get(each.relation, ()), (rows or {}).get(uid)) for uid, each in standing.items()
    }
    return {
        "metadata": invocation.metadata(SCHEMA),
        "nodes": {uid: table for uid, table in tables.items() if uid in nodes},
        "sources": {uid: table for uid, table in tables.items() if uid in sources},
        "errors": None,
    }


def _has_relation(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] in RELATIONS and bool(node["relation_name"])


def _relation(node: Mapping[str, Any]) -> Relation:
    return Relation(node["database"], node["schema"], node.get("alias") or node["identifier"])


def _schemas(relations: Iterable[Relation]) -> set[tuple[str, str]]:
    return {(relation.database, relation.schema) for relation in relations}


def _table(unique_id: str, found: Found, columns: Iterable[Column], rows: int | None) -> dict[str, Any]:
    relation = found.relation
    return {
        "metadata": {
            "type": KINDS[found.kind], "schema": relation.schema, "name": relation.name,
            "database": relation.database, "comment": None, "owner": None,
        },
        "columns": {
            column.name: {"type": column.type, "index": index, "name": column.name, "comment": None}
            for index, column in enumerate(columns, start=1)
        },
        "stats": _stats(rows),
        "unique_id": unique_id,
    }  # fmt: skip


def _stats(rows: int | None) -> dict[str, dict[str, Any]]:
    """Numbers that dbt's documentation shows of a table; `has_stats` says whether there are any."""
    there = {
        "id": "has_stats", "label": "Has Stats?", "value": rows is not None, "include": False,
        "description": "Whether anything was measured.",
    }  # fmt: skip
    if rows is None:
        return {"has_stats": there}
    counted = {
        "id": "num_rows", "label": "# Rows", "value": rows, "include": True,
        "description": "Rows when it was built.",
    }  # fmt: skip
    return {"has_stats": there, "num_rows": counted}
