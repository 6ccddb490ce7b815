"""Works out a node's configuration: dbt_project.yml by folder, then YAML properties, then the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

APPENDED = frozenset({"tags", "pre-hook", "post-hook"})  # each level adds to the one above
MERGED = frozenset({"meta", "grants", "column_types"})
KNOWN = frozenset(
    """
    access alias allow_empty batch_size begin column_types contract database delete_insert delimiter docs enabled
    event_time file_format full_refresh grants group hard_deletes incremental_predicates incremental_strategy
    indexes invalidate_hard_deletes loaded_at_field lookback materialized merge_exclude_columns merge_update_columns
    meta on_configuration_change on_schema_change packages partition_by persist_docs post-hook post_hook pre-hook
    pre_hook quote_columns quoting schema severity error_if warn_if where limit fail_calc store_failures
    store_failures_as freshness snapshot_meta_column_names sql_header static_analysis strategy tags target_database
    target_schema transient unique_key unlogged updated_at
    """.split()
)


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
    """The keys of a level that are configuration, not folders: `+key`, or a known key."""
    found: dict[str, Any] = {}
    for key, value in level.items():
        name = str(key)
        if name.startswith("+"):
            found[name[1:]] = value
        elif name in KNOWN and not (isinstance(value, Mapping) and name not in MERGED | {"contract", "persist_docs"}):
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
