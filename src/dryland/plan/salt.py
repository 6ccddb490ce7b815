"""Says what shapes a node's rows besides what it means and reads: clock, batches asked for, hooks, configuration."""

from __future__ import annotations

import re
from datetime import datetime

from dryland.digest import digest
from dryland.plan.batched_meaning import UP_TO_NOW
from dryland.plan.compose import still_sql
from dryland.plan.functions import functions_hash
from dryland.plan.growing_columns import query_hash
from dryland.plan.request import Question
from dryland.project.batches import batching_of
from dryland.project.nodes import Node
from dryland.sql.substitute import statement

VOLATILE = "volatile"  # what stands for the clock in code versions: time passing is no change of code
ROW_SHAPING = (
    "column_types", "csv_read_options", "delimiter", "format", "json_read_options", "options", "parquet_read_options",
    "sql_header",
)  # fmt: skip
"""Configuration that decides which rows and values a table has, not only how it is stored."""
GROWTH_SHAPING = (
    "incremental_predicates", "incremental_strategy", "merge_clauses", "merge_exclude_columns",
    "merge_insert_condition", "merge_on_using_columns", "merge_update_columns", "merge_update_condition",
    "merge_update_set_expressions", "predicates", "unique_key",
)  # fmt: skip
"""The same for a table that grows."""
ROWLESS = re.compile(r"\s*(analyze|checkpoint|comment|create\s+(unique\s+)?index|grant|revoke|vacuum)\b", re.IGNORECASE)


def code_salt(question: Question, node: str) -> str:
    """What stands in code versions for all of it: two of the same code are the same at any time."""
    clock = VOLATILE if question.meanings[node].volatile else ""
    return clock + _written(question, node)


def data_salt(question: Question, node: str) -> str:
    """The same in data versions.

    What was made for a window is other data than what is made up to now: the next refresh makes its last batches.
    """
    window, query = question.window(node), query_hash(question.meanings[node])
    asked = f"|{batching_of(question.project.nodes[node]).whole(window)}" if window else ""
    return _clock(question, node) + asked + query + _written(question, node)


def _written(question: Question, node_id: str) -> str:
    """What the team wrote beside the query: with another key, type or function its readers see other rows."""
    node = question.project.nodes[node_id]
    keys = (*ROW_SHAPING, *GROWTH_SHAPING) if node.materialized == "incremental" else ROW_SHAPING
    shape = {key: node.config[key] for key in keys if node.config.get(key)}
    return (
        hook_hash(node, question.request.dialect)
        + (digest(shape) if shape else "")
        + functions_hash(node, question.project)
    )


def hook_hash(node: Node, dialect: str) -> str:
    """Hash of the hooks that may change rows; empty when there are none.

    Those that ask the warehouse are rendered when they run, and count by their code.
    """
    hooks = [[statement(still_sql(hook), dialect) for hook in hooks] for hooks in (node.pre_hooks, node.post_hooks)]
    counting = [[sql for sql in texts if ";" in sql or not ROWLESS.match(sql)] for texts in hooks]
    return digest(counting) if any(counting) else ""


def _clock(question: Question, node: str) -> str:
    """Time at the grain the team set; of batches only, the batch of now: until it is over, there are no others."""
    volatile, request = question.meanings[node].volatile, question.request
    if volatile == (UP_TO_NOW,) and request.now:
        return batching_of(question.project.nodes[node]).current(datetime.fromisoformat(request.now)).isoformat()
    return request.volatile_token if volatile else ""
