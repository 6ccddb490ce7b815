"""Works out a node's configuration: dbt_project.yml by folder, then YAML properties, then the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

APPENDED = frozenset({"tags", "pre-hook", "post-hook", "packages"})  # each level adds to the one above
MERGED = frozenset({"meta", "column_types", "quoting", "docs", "contract", "snapshot_meta_column_names"})
GRANTS = "grants"  # merged by privilege; `+select` adds to those who have it already


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
    """The keys of a level that are configuration, not folders: `+key`, or what is no mapping.

    As in dbt a mapping without the plus is a folder, whatever it is called.
    """
    found: dict[str, Any] = {}
    for key, value in level.items():
        name = str(key)
        if name.startswith("+"):
            found[name[1:].strip()] = value
        elif not isinstance(value, Mapping):
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
            before = result.get(key)
            result[key] = {**(before if isinstance(before, Mapping) else {}), **value}
        elif key == GRANTS and isinstance(value, Mapping):
            result[key] = _granted(result.get(key) or {}, value)
        else:
            result[key] = value
    return result


def _granted(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """
    >>> _granted({"select": "ana", "insert": "bo"}, {"+select": ["cy"], "insert": "cy"})
    {'select': ['ana', 'cy'], 'insert': ['cy']}
    """
    found = {privilege: as_list(people) for privilege, people in outer.items()}
    for written, people in inner.items():
        privilege = str(written).lstrip("+")
        before = found.get(privilege, []) if privilege != written else []
        found[privilege] = [*before, *as_list(people)]
    return found


def as_list(value: Any) -> list[Any]:
    """A list of what may be nothing, one thing, or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
