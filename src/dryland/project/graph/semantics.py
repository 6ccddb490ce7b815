"""Tells semantic models, metrics and saved queries as dbt writes them into its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.graph.config import plain, unrendered
from dryland.project.graph.node import quoted, written_references
from dryland.project.graph.parts import Parts
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.properties import Patch, config_of
from dryland.project.semantic import FILTERS, SemanticReader
from dryland.project.uses import Semantic

Entry = dict[str, Any]

GRAINS = "nanosecond microsecond millisecond second minute hour day week month quarter year".split()
SECTIONS = {"semantic_model": "semantic_models", "metric": "metrics", "saved_query": "saved_queries"}
MEASURE = {"name": None, "filter": None, "alias": None, "join_to_timespine": False, "fill_nulls_with": None}
METRIC = {"name": None, "filter": None, "alias": None, "offset_window": None, "offset_to_grain": None}
CUMULATIVE = {"window": None, "grain_to_date": None, "period_agg": "first", "metric": None}
CONVERSION = {
    "base_measure": None, "conversion_measure": None, "entity": None, "calculation": "conversion_rate", "window": None,
    "constant_properties": None,
}  # fmt: skip
TOLD = {"name": None, "description": None, "label": None}
OF_ENTITY = {**TOLD, "type": None, "role": None, "expr": None}
OF_MEASURE = {
    **TOLD, "agg": None, "create_metric": False, "expr": None, "agg_params": None, "non_additive_dimension": None,
    "agg_time_dimension": None,
}  # fmt: skip
OF_DIMENSION = {**TOLD, "type": None, "is_partition": False, "type_params": None, "expr": None, "metadata": None}
AGGREGATION = {"percentile": None, "use_discrete_percentile": False, "use_approximate_percentile": False}
NOT_ADDED: Mapping[str, Any] = {"name": None, "window_choice": "min", "window_groupings": []}
QUERY_CONFIG = {"export_as": None, "schema": None, "cache": {"enabled": False}}


def semantics(parts: Parts) -> dict[str, dict[str, Entry]]:
    """What is enabled, by kind (in the words of the manifest's sections) and unique id."""
    read = SemanticReader(parts.layouts, parts.properties, parts.names, parts.templates, parts.docs).read()
    found: dict[str, dict[str, Entry]] = {section: {} for section in SECTIONS.values()}
    tell = {"semantic_model": _semantic_model, "metric": _metric, "saved_query": _saved_query}
    for unique_id, each in read.items():
        patch = _patch(parts, each)
        found[SECTIONS[each.kind]][unique_id] = tell[each.kind](parts, each, patch)
    _input_measures(found["metrics"])
    return found


def _patch(parts: Parts, each: Semantic) -> Patch | None:
    """The YAML of one; None of a metric that a measure makes."""
    listed = parts.entries(SECTIONS[each.kind])
    return next(
        (p for layout, p in listed if (layout.name, p.name, p.place) == (each.package, each.name, each.place)), None
    )


def _common(parts: Parts, each: Semantic, patch: Patch | None, defaults: Mapping[str, Any]) -> Entry:
    original = parts.original_path(each.place.path, each.package)
    config = {"enabled": True, "group": None, "meta": {}, **defaults, **plain(each.config)}
    written = (
        unrendered(parts, each.kind, each.fqn, config_of(patch.body))
        if patch
        else {"enabled": True, "meta": {}, **plain(each.config)}
    )
    return {
        "name": each.name, "resource_type": each.kind, "package_name": each.package,
        "path": parts.inner_path(each.place.path, each.package, "model"), "original_file_path": original,
        "unique_id": each.unique_id, "fqn": list(each.fqn),
        "description": each.description, "label": each.label or None,
        "metadata": None, "config": config, "unrendered_config": written, "group": each.group or None,
        "depends_on": {"macros": [], "nodes": list(each.depends_on)}, "refs": [], "created_at": parts.made_at,
    }  # fmt: skip


# --- semantic models -------------------------------------------------------------------------------------------------


def _semantic_model(parts: Parts, each: Semantic, patch: Patch | None) -> Entry:
    body = _written(each, patch)
    scope = Scope(each.place.path, each.package, line=each.place.line)
    _, state = parts.templates.argument(str(body["model"]), scope, {}, Pass())
    relation = parts.relation(parts.drafts[each.depends_on[0]])
    defaults = body.get("defaults")
    return {
        **_common(parts, each, patch, {}), "model": str(body["model"]), "description": each.description or None,
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


# --- metrics ---------------------------------------------------------------------------------------------------------


def _metric(parts: Parts, each: Semantic, patch: Patch | None) -> Entry:
    body = _written(each, patch)
    said = body.get("type_params") or {}
    measured = next((one for one in _measures(parts) if not patch and one.get("name") == each.name), {})
    created = {} if patch else {
        "label": measured.get("label") or each.name,
        "description": measured.get("description") or f"Metric created from measure {each.name}",
    }  # fmt: skip
    window, granularity = said.get("window"), body.get("time_granularity")
    expression = said.get("expr", None if patch else measured.get("expr", each.name))
    return {
        **_common(parts, each, patch, {}), **created, "type": str(body["type"]),
        "type_params": {
            "measure": _input_measure(said.get("measure")), "input_measures": [],
            "numerator": _input_metric(said.get("numerator")), "denominator": _input_metric(said.get("denominator")),
            "expr": None if expression is None else str(expression), "window": _window(window),
            "grain_to_date": said.get("grain_to_date"),
            "metrics": [_input_metric(one) for one in said.get("metrics") or ()],
            "conversion_type_params": _conversion(said.get("conversion_type_params")),
            "cumulative_type_params": _cumulative(said) if body["type"] == "cumulative" else None,
            "metric_aggregation_params": None,
        },
        "filter": _filter(body.get("filter")), "time_granularity": str(granularity).lower() if granularity else None,
        "meta": plain(each.meta), "tags": sorted(each.tags), "sources": [], "metrics": [],
    }  # fmt: skip


def _measures(parts: Parts) -> Iterator[Mapping[str, Any]]:
    for _, patch in parts.entries("semantic_models"):
        yield from patch.body.get("measures") or ()


def _input_measure(said: Any) -> Entry | None:
    return None if said is None else _input(said, MEASURE)


def _input_metric(said: Any) -> Entry | None:
    if said is None:
        return None
    found = _input(said, METRIC)
    return {**found, "offset_window": _window(found["offset_window"])}


def _input(said: Any, defaults: Mapping[str, Any]) -> Entry:
    found = {**defaults, **(plain(said) if isinstance(said, Mapping) else {"name": str(said)})}
    return {**found, "filter": _filter(found["filter"])}


def _window(said: Any) -> Entry | None:
    """A stretch of time such as `7 days`.

    >>> _window("7 days")
    {'count': 7, 'granularity': 'day'}
    """
    if said is None:
        return None
    count, _, unit = str(said).lower().partition(" ")
    grain = unit.removesuffix("s") if unit.removesuffix("s") in GRAINS else unit
    return {"count": int(count) if count.isdigit() else count, "granularity": grain}


def _cumulative(said: Mapping[str, Any]) -> Entry:
    own = plain(said.get("cumulative_type_params") or {})
    outer = {key: said[key] for key in ("window", "grain_to_date") if said.get(key)}
    found = {**CUMULATIVE, **outer, **own}
    return {**found, "window": _window(found["window"]), "metric": _input_metric(found["metric"])}


def _conversion(said: Any) -> Entry | None:
    if not said:
        return None
    found = {**CONVERSION, **plain(said)}
    measures = {key: _input_measure(found[key]) for key in ("base_measure", "conversion_measure")}
    return {**found, **measures, "window": _window(found["window"])}


def _input_measures(metrics: Mapping[str, Entry]) -> None:
    """Fill in what each metric measures in the end, each once; those that it is worked out from come first."""
    done: dict[str, list[Entry]] = {}

    def measured(unique_id: str) -> list[Entry]:
        if unique_id not in done:
            done[unique_id] = []  # metrics that need each other measure nothing
            params = metrics[unique_id]["type_params"]
            converted = params["conversion_type_params"] or {}
            own = [params["measure"], converted.get("base_measure"), converted.get("conversion_measure")]
            read = metrics[unique_id]["depends_on"]["nodes"]
            inherited = [one for each in read if each in metrics for one in measured(each)]
            done[unique_id] = _each_once(one for one in (*own, *inherited) if one)
        return done[unique_id]

    for unique_id, metric in metrics.items():
        metric["type_params"]["input_measures"] = measured(unique_id)


def _each_once(listed: Iterable[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for each in listed:
        if each not in found:
            found.append(each)
    return found


# --- saved queries ---------------------------------------------------------------------------------------------------


def _saved_query(parts: Parts, each: Semantic, patch: Patch | None) -> Entry:
    body = _written(each, patch)
    asked = body["query_params"]
    return {
        **_common(parts, each, patch, QUERY_CONFIG), "description": each.description or None,
        "query_params": {
            **{key: [str(one) for one in as_list(asked.get(key))] for key in ("metrics", "group_by")},
            "where": _filter(asked.get("where")), "order_by": [str(one) for one in as_list(asked.get("order_by"))],
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


# --- both ------------------------------------------------------------------------------------------------------------


def _filter(said: Any) -> Entry | None:
    """Conditions as they are written: only the semantic layer's own service renders them."""
    listed = as_list(said)
    return {"where_filters": [{"where_sql_template": str(each)} for each in listed]} if listed else None


def _written(each: Semantic, patch: Patch | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _with_filters(each.body, patch.body) if patch else each.body
    return found


def _with_filters(rendered: Any, raw: Any) -> Any:
    """What was rendered, and the conditions as they stand in the file."""
    if isinstance(raw, Mapping) and isinstance(rendered, Mapping):
        return {key: one if key in FILTERS else _with_filters(rendered.get(key), one) for key, one in raw.items()}
    if isinstance(raw, list) and isinstance(rendered, list) and len(raw) == len(rendered):
        return [_with_filters(one, other) for one, other in zip(rendered, raw, strict=True)]
    return rendered
