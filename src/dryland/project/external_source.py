"""Reads where a source's rows are when they are no table of the warehouse: dbt-duckdb's `external_location`."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import ConfigError
from dryland.project.nodes import Place

READING_FILES: frozenset[str] = frozenset({"duckdb"})
"""Kinds whose adapter of dbt reads `external_location`; to the others it is a word of the team's own."""

OWN_KEYS = frozenset(
    {"enabled", "event_time", "freshness", "loaded_at_field", "loaded_at_query", "meta", "quoting", "tags"}
)
FORMATTERS = "newstyle ({name}), oldstyle (%(name)s) or template ($name)"


def expression_of(name: str, relation: Relation, config: Mapping[str, Any], place: Place) -> str:
    """The SQL that stands for a source: a file in quotes, or a call such as `read_csv(...)`; empty for a table.

    What a plugin loads is a table.

    Raises:
        ConfigError: the location has a placeholder that stands for nothing.
    """
    said = said_of(config)
    if said.get("plugin") or not said.get("external_location"):
        return ""
    known = {
        "name": name, "identifier": relation.name, "schema": relation.schema, "database": relation.database,
        "tags": config.get("tags") or [], **said,
    }  # fmt: skip
    location = _filled_in(str(said["external_location"]), str(said.get("formatter") or "newstyle"), known, place)
    return location if "(" in location or location.startswith("'") else f"'{location}'"


def said_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a source says beside dbt's own keys: in `meta`, and in its configuration, which outweighs it."""
    return {**(config.get("meta") or {}), **{key: value for key, value in config.items() if key not in OWN_KEYS}}


def _filled_in(text: str, formatter: str, known: Mapping[str, Any], place: Place) -> str:
    try:
        if formatter == "newstyle":
            return text.format_map(known)
        if formatter == "oldstyle":
            return text % known
        if formatter == "template":
            return Template(text).substitute(known)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise ConfigError(
            f"the external_location `{text}` has a placeholder that stands for nothing: {error}.",
            path=place.path, line=place.line,
            hint=f"it can use {', '.join(sorted(known.keys() - {'external_location', 'formatter'}))}.",
        ) from error  # fmt: skip
    raise ConfigError(
        f"there is no formatter `{formatter}`.", path=place.path, line=place.line, hint=f"use {FORMATTERS}."
    )
