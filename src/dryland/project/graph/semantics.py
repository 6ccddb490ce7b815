"""Tells the semantic layer as dbt writes it into its manifest: semantic models, metrics and saved queries."""

from __future__ import annotations

from dryland.project.graph.metrics import fill_input_measures, metric
from dryland.project.graph.parts import Parts
from dryland.project.graph.saved_queries import saved_query
from dryland.project.graph.semantic_entry import Entry
from dryland.project.graph.semantic_models import semantic_model
from dryland.project.properties import Patch
from dryland.project.semantic import SemanticReader
from dryland.project.uses import Semantic

SECTIONS = {"semantic_model": "semantic_models", "metric": "metrics", "saved_query": "saved_queries"}


def semantics(parts: Parts) -> dict[str, dict[str, Entry]]:
    """What is enabled, by kind (in the words of the manifest's sections) and unique id."""
    read = SemanticReader(parts.layouts, parts.properties, parts.names, parts.templates, parts.docs).read()
    found: dict[str, dict[str, Entry]] = {section: {} for section in SECTIONS.values()}
    tell = {"semantic_model": semantic_model, "metric": metric, "saved_query": saved_query}
    for unique_id, each in read.items():
        patch = _patch(parts, each)
        found[SECTIONS[each.kind]][unique_id] = tell[each.kind](parts, each, patch)
    fill_input_measures(found["metrics"])
    return found


def _patch(parts: Parts, each: Semantic) -> Patch | None:
    """The YAML of one; None of a metric that a measure makes."""
    listed = parts.entries(SECTIONS[each.kind])
    return next(
        (p for layout, p in listed if (layout.name, p.name, p.place) == (each.package, each.name, each.place)), None
    )
