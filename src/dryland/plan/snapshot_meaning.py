"""Says what a snapshot means: its query, and how it remembers what the query gave before."""

from __future__ import annotations

from dataclasses import replace

from dryland.digest import digest
from dryland.project.nodes import Node
from dryland.project.snapshot_settings import OPTIONS, SnapshotSettings, settings_of
from dryland.sql.meaning import Meaning, Part, hash_of


def snapshot_meaning(node: Node, query: Meaning) -> Meaning:
    """The meaning of the table that the versions of a query's rows make.

    Which versions there are hangs on the key, on what is compared, and on which rows there are; so do the columns
    that the snapshot adds.
    """
    settings = settings_of(node.config)
    rule = digest([{option: node.config.get(option) for option in OPTIONS}, node.strategy_hash])
    if query.columns is None:
        return replace(query, rows=Part(hash_of(query.rows.hash, rule), query.rows.reads))
    deciding = [query.rows, *(query.columns[name] for name in _deciding(settings, tuple(query.columns)))]
    reads = frozenset(read for part in deciding for read in part.reads)
    rows = Part(hash_of(rule, *(part.hash for part in deciding)), reads)
    added = {name.strip('"').lower(): Part(hash_of(name, rows.hash), reads) for name in settings.added}
    return replace(query, rows=rows, columns={**query.columns, **added})


def _deciding(settings: SnapshotSettings, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that decide when there is a new version; all of them when that takes more than names to say."""
    if settings.strategy == "check" and not settings.checked:
        return columns
    named = [*settings.key, *settings.checked, *([settings.updated_at] if settings.updated_at else ())]
    folded = {name.strip('"').lower() for name in named}
    is_plain = settings.strategy in ("timestamp", "check") and folded <= set(columns)
    return tuple(name for name in columns if name in folded) if is_plain else columns
