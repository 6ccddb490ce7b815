"""Lists what every node and test is configured as while nobody says otherwise: dbt's keys, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.hook_entry import hook_entry

BOTH: Mapping[str, Any] = {
    "enabled": True, "alias": None, "schema": None, "database": None, "tags": [], "meta": {}, "group": None,
    "static_analysis": None,
}  # fmt: skip
NODE: Mapping[str, Any] = {
    **BOTH, "materialized": "view", "incremental_strategy": None, "batch_size": None, "lookback": 1, "begin": None,
    "persist_docs": {}, "post-hook": [], "pre-hook": [], "quoting": {}, "column_types": {}, "full_refresh": None,
    "unique_key": None, "on_schema_change": "ignore", "on_configuration_change": "apply", "grants": {},
    "packages": [], "docs": {"show": True, "node_color": None},
    "contract": {"enforced": False, "alias_types": True}, "event_time": None, "concurrent_batches": None,
}  # fmt: skip
HISTORY = ("dbt_valid_to", "dbt_valid_from", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted")
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "model": {**NODE, "access": "protected", "freshness": None},
    "seed": {**NODE, "materialized": "seed", "delimiter": ",", "quote_columns": None},
    "snapshot": {
        **NODE, "materialized": "snapshot", "strategy": None, "target_schema": None, "target_database": None,
        "updated_at": None, "check_cols": None, "snapshot_meta_column_names": dict.fromkeys(HISTORY),
        "dbt_valid_to_current": None,
    },
    "analysis": NODE,
    "operation": NODE,
    "test": {
        **BOTH, "schema": "dbt_test__audit", "materialized": "test", "severity": "ERROR", "store_failures": None,
        "store_failures_as": None, "where": None, "limit": None, "fail_calc": "count(*)", "warn_if": "!= 0",
        "error_if": "!= 0",
    },
    "source": {
        "enabled": True, "event_time": None, "freshness": None, "loaded_at_field": None, "loaded_at_query": None,
        "meta": {}, "tags": [], "static_analysis": None,
    },
    "exposure": {"enabled": True, "tags": [], "meta": {}},
    "unit_test": {"tags": [], "meta": {}, "enabled": True, "static_analysis": None},
}  # fmt: skip

IN_TEMPLATES = {"pre-hook": "pre_hook", "post-hook": "post_hook"}  # what `config.get` calls them
HOOKS = tuple(IN_TEMPLATES)
NESTED = frozenset({"contract", "docs", "snapshot_meta_column_names"})  # what says some of its keys keeps the others


def with_defaults(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What templates find in `config`: every key of this kind is there, if only to say that it is not set.

    >>> found = with_defaults("model", {"tags": "daily", "ours": 1})
    >>> found["tags"], found["ours"], found["enabled"], found["alias"]
    (['daily'], 1, True, None)
    """
    defaults = DEFAULTS.get(kind, {})
    said = {key: value for key, value in config.items() if value is not None or key not in defaults}
    found = {**defaults, **said}
    for key in NESTED & said.keys() & defaults.keys():
        if isinstance(said[key], Mapping):
            found[key] = {**(defaults[key] or {}), **said[key]}
    found |= {key: as_list(found[key]) for key in ("tags", "packages") if key in found}
    hooks = {IN_TEMPLATES[key]: [hook_dict(each) for each in as_list(found.pop(key))] for key in HOOKS if key in found}
    return found | hooks


def hook_dict(hook: Any) -> dict[str, Any]:
    """A hook as dbt writes it, whichever form it was given in."""
    found = hook_entry(hook)
    return {"sql": found.sql, "transaction": found.in_transaction, "index": found.index}
