"""Reads monitors that are written as Monte Carlo's code has them: in YAML, under `montecarlo:`, by table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dryland.errors import ConfigError
from dryland.project.config import as_list
from dryland.project.monitors import SENSITIVITY, Metric, Monitors, Rule
from dryland.project.nodes import Place

KNOWN = ("freshness", "volume", "field_health", "dimension_tracking", "custom_sql")
MINUTE_S = 60.0
ABOVE, BELOW = ("GT", "GTE"), ("LT", "LTE")
"""When a value is above, or below, Monte Carlo tells of it."""


def monte_carlo_monitors(said: Any, place: Place) -> Iterator[tuple[str, Monitors]]:
    """Each monitor of a file as the name of its table (without database and schema) and what it says.

    Raises:
        ConfigError: it has no table, or another form than Monte Carlo's documentation shows.
    """
    if not isinstance(said, Mapping):
        raise _wrong("`montecarlo` is keys and values.", place)
    for kind, entries in said.items():
        if kind not in KNOWN:
            continue  # what it is about is none of ours
        if not isinstance(entries, list):
            raise _wrong(f"`{kind}` is a list.", place)
        for entry in entries:
            at = Place(place.path, getattr(entry, "line", place.line))
            for table in _tables(entry, kind, at):
                yield table, _monitors(kind, entry, at)


def unread(said: Any) -> tuple[str, ...]:
    """Kinds of monitors that have no counterpart."""
    return tuple(str(kind) for kind in said if kind not in KNOWN) if isinstance(said, Mapping) else ()


def _monitors(kind: str, entry: Mapping[str, Any], place: Place) -> Monitors:
    width = SENSITIVITY.get(str(entry.get("sensitivity", "")).lower())
    rule = replace(_bounds(entry), is_on=True, sensitivity=width)
    if kind == "freshness":
        minutes = entry.get("freshness_threshold")
        age_s = float(minutes) * MINUTE_S if isinstance(minutes, int | float) else None
        return Monitors(rules={"freshness": replace(rule, low=None, high=age_s)})
    if kind == "volume":
        return Monitors(rules={"volume": rule})
    fields = tuple(str(each) for each in as_list(entry.get("fields", entry.get("field"))))
    if kind == "field_health":
        return Monitors(
            rules={each: Rule(True, width, columns=fields or None) for each in ("nulls", "distinct", "mean")}
        )
    if kind == "dimension_tracking":
        return Monitors(rules={"categories": Rule(True, width, columns=fields)})
    name = str(entry.get("name") or entry.get("description") or "custom_sql")
    return Monitors(metrics=(Metric(name, str(entry.get("sql") or ""), place, rule),))


def _bounds(entry: Mapping[str, Any]) -> Rule:
    """What `comparisons` give; they say when to tell, and bounds say when not to."""
    found = Rule()
    for each in as_list(entry.get("comparisons")):
        threshold = each.get("threshold_value") if isinstance(each, Mapping) else None
        if not isinstance(threshold, int | float):
            continue
        if str(each.get("type", "")).startswith(("relative", "change")) or each.get("is_threshold_relative"):
            direction: Any = (
                "low" if each.get("operator") in BELOW else "high" if each.get("operator") in ABOVE else None
            )
            found = replace(found, max_change=abs(float(threshold)) / 100, direction=direction)
        elif each.get("operator") in ABOVE:
            found = replace(found, high=float(threshold))
        elif each.get("operator") in BELOW:
            found = replace(found, low=float(threshold))
    return found


def _tables(entry: Any, kind: str, place: Place) -> Iterable[str]:
    """The tables of an entry: `project:dataset.orders` is `orders`."""
    named = as_list(entry.get("table", entry.get("tables"))) if isinstance(entry, Mapping) else ()
    tables = [str(each).rpartition(":")[2].rpartition(".")[2] for each in named]
    if not tables:
        raise _wrong(f"a monitor of `{kind}` names no table.", place)
    return tables


def _wrong(message: str, place: Place) -> ConfigError:
    return ConfigError(
        message, path=place.path, line=place.line,
        hint="montecarlo: {freshness: [{table: shop.orders, freshness_threshold: 1440}]}",
    )  # fmt: skip
