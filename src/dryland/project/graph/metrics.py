"""Tells metrics as dbt writes them into its manifest, with what each measures in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dryland.project.graph.config import plain
from dryland.project.graph.parts import Parts
from dryland.project.graph.semantic_entry import Entry, common_entry, conditions, written
from dryland.project.properties import Patch
from dryland.project.uses import Semantic

GRAINS = "nanosecond microsecond millisecond second minute hour day week month quarter year".split()
MEASURE = {"name": None, "filter": None, "alias": None, "join_to_timespine": False, "fill_nulls_with": None}
METRIC = {"name": None, "filter": None, "alias": None, "offset_window": None, "offset_to_grain": None}
CUMULATIVE = {"window": None, "grain_to_date": None, "period_agg": "first", "metric": None}
CONVERSION = {
    "base_measure": None, "conversion_measure": None, "entity": None, "calculation": "conversion_rate", "window": None,
    "constant_properties": None,
}  # fmt: skip


def metric(parts: Parts, each: Semantic, patch: Patch | None) -> Entry:
    """One metric."""
    body = written(each, patch)
    said = body.get("type_params") or {}
    measured = next((one for one in _measures(parts) if not patch and one.get("name") == each.name), {})
    created = {} if patch else {
        "label": measured.get("label") or each.name,
        "description": measured.get("description") or f"Metric created from measure {each.name}",
    }  # fmt: skip
    window, granularity = said.get("window"), body.get("time_granularity")
    expression = said.get("expr", None if patch else measured.get("expr", each.name))
    return {
        **common_entry(parts, each, patch, {}), **created, "type": str(body["type"]),
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
        "filter": conditions(body.get("filter")), "time_granularity": str(granularity).lower() if granularity else None,
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
    return {**found, "filter": conditions(found["filter"])}


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


def fill_input_measures(metrics: Mapping[str, Entry]) -> None:
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

    for unique_id, entry in metrics.items():
        entry["type_params"]["input_measures"] = measured(unique_id)


def _each_once(listed: Iterable[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for each in listed:
        if each not in found:
            found.append(each)
    return found
