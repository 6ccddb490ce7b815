"""Reads what a data test's configuration says: how it is judged, how much it looks at, what it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.nodes import Place

FAILURES_SCHEMA = "dbt_test__audit"  # dbt's own, behind the schema of the target


def data_test_settings(config: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The fields of a `Check` that are configuration.

    Raises:
        ConfigError: a severity or limit is none.
    """
    return {
        "severity": _severity(config, place),
        "warn_if": str(config.get("warn_if") or "!= 0"),
        "error_if": str(config.get("error_if") or "!= 0"),
        "fail_calc": str(config.get("fail_calc") or "count(*)"),
        "where": str(config.get("where") or ""),
        "limit": _limit(config, place),
        "store_failures": _keeps_failures(config),
        "failures_schema": str(config.get("schema") or FAILURES_SCHEMA),
        "tags": tuple(str(tag) for tag in config.get("tags") or ()),
        "meta": config.get("meta") or {},
    }


def _severity(config: Mapping[str, Any], place: Place) -> str:
    severity = str(config.get("severity") or "error").lower()
    if severity not in ("error", "warn"):
        told = f"severity is `error` or `warn`, not `{severity}`."
        raise ConfigError(told, path=place.path, line=place.line, hint="severity: warn")
    return severity


def _limit(config: Mapping[str, Any], place: Place) -> int | None:
    limit = config.get("limit")
    if limit is not None and not str(limit).isdigit():
        raise ConfigError(f"`limit: {limit}` is no number of rows.", path=place.path, line=place.line, hint="limit: 10")
    return None if limit is None else int(limit)


def _keeps_failures(config: Mapping[str, Any]) -> bool:
    """`store_failures_as` outweighs `store_failures`; a view would show other rows tomorrow, so both are tables."""
    kept_as = config.get("store_failures_as")
    return bool(config.get("store_failures")) if kept_as is None else kept_as in ("table", "view")
