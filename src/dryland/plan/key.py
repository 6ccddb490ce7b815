"""Names builds: equal keys, equal tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.nodes import Node
from dryland.sql.substitute import statement
from dryland.state.records import Versions, digest

SHAPING = (
    "column_types", "contract", "delimiter", "file_format", "incremental_predicates", "incremental_strategy",
    "indexes", "merge_exclude_columns", "merge_update_columns", "on_schema_change", "quote_columns", "unique_key",
)  # fmt: skip
"""Configuration that shapes the physical table. Names, schemas, tags and documentation do not."""


def config_hash(node: Node, *, pinned: bool = False) -> str:
    """Hash of everything besides meaning that decides what the physical table is like."""
    shape: dict[str, Any] = {key: node.config[key] for key in SHAPING if node.config.get(key)}
    hooks = [statement(hook.sql) for hook in (*node.pre_hooks, *node.post_hooks)]
    constraints = [dict(each) for each in node.constraints]
    columns = [[c.name, c.data_type, [dict(each) for each in c.constraints]] for c in node.columns if c.constraints]
    materialized = "table" if pinned else node.materialized
    return digest([materialized, node.language, shape, hooks, constraints, columns])


def build_key(node: Node, versions: Versions, config: str, base_key: str = "") -> str:
    """The key of a node's build; an incremental generation also names the one before."""
    return digest([node.unique_id, versions.whole, config, base_key])


def is_pinned(node: Node, inputs: frozenset[str], nodes: Mapping[str, Node], views_over_sources: str) -> bool:
    """Whether a view reads sources and the team wants its readers gated: then it is kept as a table."""
    reads_source = any(unique_id not in nodes for unique_id in inputs)
    return node.materialized == "view" and views_over_sources == "pinned" and reads_source
