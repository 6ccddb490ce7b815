"""Tells semantic models as dbt writes them into its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.graph.config import plain
from dryland.project.graph.node import quoted
from dryland.project.graph.parts import Parts
from dryland.project.graph.references import written_references
from dryland.project.graph.semantic_entry import Entry, common_entry, written
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.properties import Patch
from dryland.project.uses import Semantic

TOLD = {"name": None, "description": None, "label": None}
OF_ENTITY = {**TOLD, "type": None, "role": None, "expr": None}
OF_MEASURE = {
    **TOLD, "agg": None, "create_metric": False, "expr": None, "agg_params": None, "non_additive_dimension": None,
    "agg_time_dimension": None,
}  # fmt: skip
OF_DIMENSION = {**TOLD, "type": None, "is_partition": False, "type_params": None, "expr": None, "metadata": None}
AGGREGATION = {"percentile": None, "use_discrete_percentile": False, "use_approximate_percentile": False}
NOT_ADDED: Mapping[str, Any] = {"name": None, "window_choice": "min", "window_groupings": []}


def semantic_model(parts: Parts, each: Semantic, patch: Patch | None) -> Entry:
    """One semantic model."""
    body = written(each, patch)
    scope = Scope(each.place.path, each.package, line=each.place.line)
    _, state = parts.templates.argument(str(body["model"]), scope, {}, Pass())
    relation = parts.relation(parts.drafts[each.depends_on[0]])
    defaults = body.get("defaults")
    return {
        **common_entry(parts, each, patch, {}), "model": str(body["model"]), "description": each.description or None,
        "node_relation": {
            "alias": relation.name, "schema_name": relation.schema, "database": relation.database,
            "relation_name": quoted(relation),
        },
        "defaults": {"agg_time_dimension": defaults.get("agg_time_dimension")} if defaults else None,
        "entities": [_told(one, OF_ENTITY, each.meta) for one in body.get("entities") or ()],
        "measures": [_measure(one, each.meta) for one in body.get("measures") or ()],
        "dimensions": [_dimension(one, each.meta) for one in body.get("dimensions") or ()],
        "refs": written_references(list(state.refs), [])["refs"], "primary_entity": body.get("primary_entity"),
    }  # fmt: skip


def _told(said: Mapping[str, Any], defaults: Mapping[str, Any], meta: Mapping[str, Any]) -> Entry:
    """One part of a semantic model, every key with its default; `meta` is that of the whole model."""
    found = {key: plain(said.get(key, default)) for key, default in defaults.items()}
    if found.get("expr") is not None:
        found["expr"] = str(found["expr"]).lower() if isinstance(found["expr"], bool) else str(found["expr"])
    own = plain(said.get("config") or {})
    return {**found, "config": {**own, "meta": {**plain(meta), **(own.get("meta") or {})}}}


def _measure(said: Mapping[str, Any], meta: Mapping[str, Any]) -> Entry:
    found = _told(said, OF_MEASURE, meta)
    for key, defaults in (("agg_params", AGGREGATION), ("non_additive_dimension", NOT_ADDED)):
        found[key] = {**defaults, **found[key]} if found[key] else None
    return {**found, "create_metric": False}  # the metric is made by then, and dbt tells so


def _dimension(said: Mapping[str, Any], meta: Mapping[str, Any]) -> Entry:
    found = _told(said, OF_DIMENSION, meta)
    typed = found["type_params"]
    validity = {"is_start": False, "is_end": False}
    if typed:
        known = typed.get("validity_params")
        granularity = typed.get("time_granularity", "day")
        found["type_params"] = {
            "time_granularity": granularity, "validity_params": {**validity, **known} if known else None
        }  # fmt: skip
    return found
