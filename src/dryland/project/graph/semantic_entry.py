"""Tells what semantic models, metrics and saved queries have in common in dbt's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.graph.config import plain, unrendered
from dryland.project.graph.parts import Parts
from dryland.project.properties import Patch, config_of
from dryland.project.semantic import FILTERS
from dryland.project.uses import Semantic

Entry = dict[str, Any]


def common_entry(parts: Parts, each: Semantic, patch: Patch | None, defaults: Mapping[str, Any]) -> Entry:
    """What an entry says whatever its kind is."""
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


def conditions(said: Any) -> Entry | None:
    """Conditions as they are written: only the semantic layer's own service renders them."""
    listed = as_list(said)
    return {"where_filters": [{"where_sql_template": str(each)} for each in listed]} if listed else None


def written(each: Semantic, patch: Patch | None) -> Mapping[str, Any]:
    """Its YAML; rendered, but for the conditions in it."""
    found: Mapping[str, Any] = _with_filters(each.body, patch.body) if patch else each.body
    return found


def _with_filters(rendered: Any, raw: Any) -> Any:
    """What was rendered, and the conditions as they stand in the file."""
    if isinstance(raw, Mapping) and isinstance(rendered, Mapping):
        return {key: one if key in FILTERS else _with_filters(rendered.get(key), one) for key, one in raw.items()}
    if isinstance(raw, list) and isinstance(rendered, list) and len(raw) == len(rendered):
        return [_with_filters(one, other) for one, other in zip(rendered, raw, strict=True)]
    return rendered
