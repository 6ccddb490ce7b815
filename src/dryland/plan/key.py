"""Names builds: equal keys, equal tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dryland.digest import digest
from dryland.plan.compose import still_sql
from dryland.plan.own_meaning import macro_and_config
from dryland.project.contracts import has_contract
from dryland.project.nodes import Node
from dryland.project.snapshot_settings import OPTIONS as SNAPSHOT_OPTIONS
from dryland.sql.meaning import Meaning
from dryland.sql.substitute import statement
from dryland.sql.versions import evaluate
from dryland.state.records import Versions

SHAPING = (
    "cluster_by", "column_types", "csv_read_options", "delimiter", "file_format", "format", "incremental_predicates",
    "incremental_strategy", "indexes", "json_read_options", "location", "merge_clauses", "merge_exclude_columns",
    "merge_insert_condition", "merge_on_using_columns", "merge_update_columns", "merge_update_condition",
    "merge_update_set_expressions", "on_schema_change", "options", "parquet_read_options", "partition_by", "predicates",
    "quote_columns", "sql_header", "transient", "unique_key", "unlogged",
)  # fmt: skip
"""Configuration that shapes the physical table. Names, schemas, tags and documentation do not."""


def config_hash(
    node: Node, *, pinned: bool = False, settings: Sequence[tuple[str, str]] = (), dialect: str = "duckdb"
) -> str:
    """Hash of everything besides meaning that decides what the physical table is like.

    `settings` are those of the warehouse's sessions with which queries give other values; hooks are in `dialect`.
    """
    keys = (*SHAPING, *SNAPSHOT_OPTIONS) if node.kind == "snapshot" else SHAPING
    shape: dict[str, Any] = {key: node.config[key] for key in keys if node.config.get(key)}
    hooks = [[statement(still_sql(hook), dialect) for hook in hooks] for hooks in (node.pre_hooks, node.post_hooks)]
    materialized = "table" if pinned else node.materialized
    own = macro_and_config(node) if node.materialization_macro else []
    return digest([materialized, node.language, shape, hooks, _promised(node), *own, *([settings] if settings else ())])


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
    is_view = node.materialized == "view" and not node.materialization_macro
    return is_view and views_over_sources == "pinned" and reads_source


def _promised(node: Node) -> list[Any]:
    """Types and constraints of a contract; without one that is enforced they are only documentation."""
    if not has_contract(node):
        return []
    columns = [[column.name, column.data_type, [dict(each) for each in column.constraints]] for column in node.columns]
    return [[dict(each) for each in node.constraints], columns]
