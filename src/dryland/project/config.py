"""Works out a node's configuration: dbt_project.yml by folder, then YAML properties, then the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

APPENDED = frozenset({"tags", "pre-hook", "post-hook"})  # each level adds to the one above
MERGED = frozenset({"meta", "grants", "column_types"})
UNMISTAKABLE = MERGED | {"contract", "persist_docs"}  # mappings that nobody means as folders


def from_project(tree: Mapping[str, Any], fqn: Sequence[str]) -> dict[str, Any]:
    """The configuration that a section such as `models:` gives to a node, outer folders first."""
    config = own_level(tree)
    level: Any = tree
    for part in fqn:
        level = level.get(part) if isinstance(level, Mapping) else None
        if not isinstance(level, Mapping):
            break
        config = merged(config, own_level(level))
    return config


def own_level(level: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a level that are configuration, not folders: `+key`, or what cannot be a folder."""
    found: dict[str, Any] = {}
    for key, value in level.items():
        name = str(key)
        if name.startswith("+"):
            found[name[1:]] = value
        elif not isinstance(value, Mapping) or name in UNMISTAKABLE:
            found[name] = value
    return found


def merged(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """`inner` over `outer`: tags and hooks append, meta merges, everything else replaces."""
    result = dict(outer)
    for raw_key, value in inner.items():
        key = {"pre_hook": "pre-hook", "post_hook": "post-hook"}.get(str(raw_key), str(raw_key))
        if key in APPENDED:
            result[key] = [*as_list(result.get(key)), *as_list(value)]
        elif key in MERGED and isinstance(value, Mapping):
            result[key] = {**(result.get(key) or {}), **value}
        else:
            result[key] = value
    return result


def as_list(value: Any) -> list[Any]:
    """A list of what may be nothing, one thing, or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
