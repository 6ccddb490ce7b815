"""Tells saved queries as dbt writes them into its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.graph.config import plain
from dryland.project.graph.parts import Parts
from dryland.project.graph.semantic_entry import Entry, common_entry, conditions, written
from dryland.project.properties import Patch
from dryland.project.uses import Semantic

QUERY_CONFIG = {"export_as": None, "schema": None, "cache": {"enabled": False}}


def saved_query(parts: Parts, each: Semantic, patch: Patch | None) -> Entry:
    """One saved query."""
    body = written(each, patch)
    asked = body["query_params"]
    return {
        **common_entry(parts, each, patch, QUERY_CONFIG), "description": each.description or None,
        "query_params": {
            **{key: [str(one) for one in as_list(asked.get(key))] for key in ("metrics", "group_by")},
            "where": conditions(asked.get("where")), "order_by": [str(one) for one in as_list(asked.get("order_by"))],
            "limit": asked.get("limit"),
        },
        "exports": [_export(parts, one) for one in body.get("exports") or ()], "tags": sorted(set(each.tags)),
    }  # fmt: skip


def _export(parts: Parts, said: Mapping[str, Any]) -> Entry:
    config = plain(said.get("config") or {})
    return {
        "name": str(said["name"]),
        "config": {
            "export_as": config.get("export_as"),
            "schema_name": config.get("schema") or config.get("schema_name") or parts.warehouse.schema,
            "alias": config.get("alias") or str(said["name"]), "database": parts.warehouse.database,
        },
        "unrendered_config": config,
    }  # fmt: skip
