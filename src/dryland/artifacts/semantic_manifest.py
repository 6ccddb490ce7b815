"""Makes semantic_manifest.json: what services of dbt's semantic layer read, taken from the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Entry = Mapping[str, Any]

MODEL = ("name", "defaults", "description", "node_relation", "primary_entity", "dimensions", "label", "metadata")
METRIC = ("name", "description", "type", "filter", "metadata", "label", "time_granularity")
QUERY = ("name", "query_params", "description", "metadata", "label", "tags")
TYPE_PARAMS = (
    "measure", "numerator", "denominator", "expr", "window", "grain_to_date", "metrics", "conversion_type_params",
    "cumulative_type_params", "input_measures",
)  # fmt: skip
CUMULATIVE = ("window", "grain_to_date", "period_agg")
EXPORT = ("export_as", "schema_name", "alias")
WRITTEN_BY = {"major_version": "0", "minor_version": "9", "patch_version": "0"}  # of the form, as dbt 1.11 writes it


def semantic_manifest(manifest: Entry) -> dict[str, Any]:
    """The semantic layer of a manifest, without what only dbt itself needs."""
    models = [_model(each) for each in manifest["semantic_models"].values()]
    spines = list(_time_spines(manifest["nodes"].values()))
    return {
        "semantic_models": models,
        "metrics": [_metric(each) for each in manifest["metrics"].values()],
        "project_configuration": {
            "time_spine_table_configurations": [], "metadata": None,
            "dsi_package_version": WRITTEN_BY if models else None, "time_spines": spines if models else [],
        },
        "saved_queries": [_query(each) for each in manifest["saved_queries"].values()],
    }  # fmt: skip


def _model(said: Entry) -> dict[str, Any]:
    parts = {key: [{**each, "metadata": None} for each in said[key]] for key in ("entities", "measures")}
    return {**_only(said, MODEL), **parts, "config": {"meta": said["config"]["meta"]}}


def _metric(said: Entry) -> dict[str, Any]:
    typed = _only(said["type_params"], TYPE_PARAMS)
    if typed["cumulative_type_params"]:
        typed["cumulative_type_params"] = _only(typed["cumulative_type_params"], CUMULATIVE)
    return {**_only(said, METRIC), "type_params": typed, "config": {"meta": said["config"]["meta"]}}


def _query(said: Entry) -> dict[str, Any]:
    exports = [{"name": each["name"], "config": _only(each["config"], EXPORT)} for each in said["exports"]]
    return {**_only(said, QUERY), "exports": exports}


def _time_spines(nodes: Any) -> Iterator[dict[str, Any]]:
    """The tables with a row for each day or hour, with which metrics are filled up."""
    for node in nodes:
        spine = node.get("time_spine")
        if spine:
            column = spine["standard_granularity_column"]
            yield {
                "node_relation": {
                    "alias": node["alias"], "schema_name": node["schema"], "database": node["database"],
                    "relation_name": node["relation_name"],
                },
                "primary_column": {
                    "name": column, "time_granularity": node["columns"].get(column, {}).get("granularity")
                },
                "custom_granularities": list(spine.get("custom_granularities") or ()),
            }  # fmt: skip


def _only(said: Entry, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: said[key] for key in keys}
