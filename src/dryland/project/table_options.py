"""Reads what a node asks of its table on warehouses that can: indexes, no write-ahead log, and who may use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dryland.engines.registry import GRANTING
from dryland.errors import ConfigError
from dryland.project.config_place import place_of
from dryland.project.drafts import Draft
from dryland.project.grants import parse_grants
from dryland.project.indexes import parse_indexes, parse_truth

INDEXING: frozenset[str] = frozenset({"postgres"})
"""Kinds whose tables get the indexes of the configuration, and can be left out of the server's log."""

Field = tuple[str, str, Callable[[Any], Any]]  # of a node, its configuration, and how that is read
FIELDS: tuple[tuple[frozenset[str], Field], ...] = (
    (INDEXING, ("indexes", "indexes", parse_indexes)),
    (INDEXING, ("is_unlogged", "unlogged", parse_truth)),
    (GRANTING, ("grants", "grants", parse_grants)),
)


def table_options(draft: Draft, kind: str) -> dict[str, Any]:
    """The fields of a node that say so; nothing on a kind of warehouse that has no such thing.

    Raises:
        ConfigError: a value means nothing; with its file, line and a hint.
    """
    return {name: _read(key, draft, parse) for kinds, (name, key, parse) in FIELDS if kind in kinds}


def _read(key: str, draft: Draft, parse: Callable[[Any], Any]) -> Any:
    try:
        return parse(draft.config.get(key))
    except ConfigError as error:
        raise ConfigError(f"`{draft.name}`: {error.message}", hint=error.hint, **place_of(key, draft)) from error
