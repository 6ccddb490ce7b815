"""Tells tables of sources as dbt writes them into its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.graph.config import full_config, plain, unrendered
from dryland.project.graph.described import columns, description, doc_blocks, names_of
from dryland.project.graph.node import quoted
from dryland.project.graph.parts import Parts
from dryland.project.nodes import Source
from dryland.project.properties import Patch, config_of
from dryland.project.yaml_file import Mapped

NEVER = {"count": None, "period": None}
QUOTABLE = ("database", "schema", "identifier", "column")
EXTERNAL = ("location", "file_format", "row_format", "tbl_properties", "partitions")


def source_dict(parts: Parts, source: Source, table: Mapped) -> dict[str, Any]:
    """One table of a source."""
    body = said_of(parts, source)
    freshness = _freshness(source, body, table)
    said = {
        "freshness": freshness,
        "loaded_at_field": source.loaded_at_field or None,
        "loaded_at_query": _query(source),
    }
    config = full_config("source", {**source.config, **said, "meta": source.meta, "tags": list(source.tags)})
    relation, package = source.relation, source.package
    original = parts.original_path(source.place.path, package)
    return {
        "database": relation.database, "schema": relation.schema, "name": source.name, "resource_type": "source",
        "package_name": package, "path": original, "original_file_path": original, "unique_id": source.unique_id,
        "fqn": list(source.fqn), "source_name": source.source_name,
        "source_description": description(parts, body.get("description"), source.place, package),
        "loader": str(table.get("loader") or body.get("loader") or ""), "identifier": relation.name,
        "quoting": _quoting(body, table), "loaded_at_field": config["loaded_at_field"],
        "loaded_at_query": config["loaded_at_query"], "freshness": freshness, "external": _external(table),
        "description": description(parts, table.get("description"), source.place, package),
        "columns": columns(parts, table.get("columns"), source.place, package), "meta": config["meta"],
        "source_meta": plain({**(body.get("meta") or {}), **((body.get("config") or {}).get("meta") or {})}),
        "tags": sorted(set(config["tags"])), "config": {**config, "tags": sorted(set(config["tags"]))},
        "patch_path": None,
        "unrendered_config": {
            **unrendered(parts, "source", source.fqn, _patched(body, table)),
            **{key: value for key, value in said.items() if key in ("loaded_at_field", "loaded_at_query")},
            **({"freshness": freshness} if source.freshness or freshness is None else {}),
        },
        "relation_name": relation.expression or quoted(relation), "created_at": parts.made_at,
        "unrendered_database": body.get("database"), "unrendered_schema": body.get("schema"),
        "doc_blocks": doc_blocks(parts, table.get("description"), package),
    }  # fmt: skip


def said_of(parts: Parts, source: Source) -> Mapping[str, Any]:
    """The YAML of the source that a table belongs to."""
    patch = _patch(parts, source)
    return patch.body if patch else {}


def _patch(parts: Parts, source: Source) -> Patch | None:
    of_tables = parts.source_patches[source.package]
    return of_tables.get((source.source_name, source.name)) or of_tables.get((source.source_name, ""))


def _patched(body: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """What the source and its table say of configuration, the table's word over the source's."""
    outer, inner = config_of(body), config_of(table)
    tags = names_of((*as_list(outer.get("tags")), *as_list(inner.get("tags"))))
    meta = {**(outer.get("meta") or {}), **(inner.get("meta") or {})}
    return {**outer, **inner, "meta": meta, "tags": sorted(set(tags))}


def _query(source: Source) -> Any:
    return source.config.get("loaded_at_query")


def _freshness(source: Source, body: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any] | None:
    """How old it may be; nothing where that was switched off."""
    levels = [each["freshness"] for each in (body, body.get("config") or {}) if "freshness" in each]
    levels += [each["freshness"] for each in (table, table.get("config") or {}) if "freshness" in each]
    if levels and levels[-1] is None:
        return None
    said: dict[str, Any] = dict(source.freshness)
    for level in levels:
        said = {**said, **(level or {})}
    return {
        "warn_after": {**NEVER, **(said.get("warn_after") or {})},
        "error_after": {**NEVER, **(said.get("error_after") or {})},
        "filter": said.get("filter"),
    }


def _quoting(body: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    said = {**(body.get("quoting") or {}), **(table.get("quoting") or {})}
    return {key: said.get(key) for key in QUOTABLE}


def _external(table: Mapping[str, Any]) -> dict[str, Any] | None:
    said = table.get("external")
    if not isinstance(said, Mapping):
        return None
    return {**dict.fromkeys(EXTERNAL), **plain(said)}
