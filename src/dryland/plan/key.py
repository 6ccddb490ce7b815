"""Names builds: equal keys, equal tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.plan.compose import still_sql
from dryland.project.nodes import Node
from dryland.sql.meaning import Meaning
from dryland.sql.substitute import statement
from dryland.sql.versions import evaluate
from dryland.state.records import Versions, digest

SHAPING = (
    "cluster_by", "column_types", "delimiter", "file_format", "format", "incremental_predicates",
    "incremental_strategy", "indexes", "location", "merge_exclude_columns", "merge_update_columns",
    "on_schema_change", "options", "partition_by", "predicates", "quote_columns", "sql_header", "transient",
    "unique_key", "unlogged",
)  # fmt: skip
"""Configuration that shapes the physical table. Names, schemas, tags and documentation do not."""


def config_hash(node: Node, *, pinned: bool = False) -> str:
    """Hash of everything besides meaning that decides what the physical table is like."""
    shape: dict[str, Any] = {key: node.config[key] for key in SHAPING if node.config.get(key)}
    hooks = [[statement(still_sql(hook)) for hook in hooks] for hooks in (node.pre_hooks, node.post_hooks)]
    materialized = "table" if pinned else node.materialized
    return digest([materialized, node.language, shape, hooks, _promised(node)])


def build_key(node: Node, versions: Versions, config: str, base_key: str = "") -> str:
    """The key of a node's build; an incremental generation also names the one before."""
    return digest([node.unique_id, versions.whole, config, base_key])


def build_versions(meaning: Meaning, inputs: Mapping[str, Versions], *, salt: str = "", base_key: str = "") -> Versions:
    """What readers of a build depend on.

    A generation of an incremental table holds rows that older code or late data left there, so it is another
    table than one built from nothing with the same code: its readers must see the difference.
    """
    return evaluate(meaning, inputs, salt=f"{salt}@{base_key}" if base_key else salt)


def is_pinned(node: Node, inputs: frozenset[str], nodes: Mapping[str, Node], views_over_sources: str) -> bool:
    """Whether a view reads sources and the team wants its readers gated: then it is kept as a table."""
    reads_source = any(unique_id not in nodes for unique_id in inputs)
    return node.materialized == "view" and views_over_sources == "pinned" and reads_source


def _promised(node: Node) -> list[Any]:
    """Constraints, and the types of an enforced contract; a contract that is not enforced promises nothing."""
    contract = node.config.get("contract")
    is_enforced = bool(contract.get("enforced")) if isinstance(contract, Mapping) else bool(contract)
    columns = [
        [column.name, column.data_type if is_enforced else "", [dict(each) for each in column.constraints]]
        for column in node.columns
        if is_enforced or column.constraints
    ]
    return [is_enforced, [dict(each) for each in node.constraints], columns]
