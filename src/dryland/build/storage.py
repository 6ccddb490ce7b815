"""Reads how a node's table is to be kept: its indexes, and whether the server logs what is written to it."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.engines.relation import Index, Storage
from dryland.errors import ConfigError
from dryland.project.nodes import Node

PLAIN = Storage()


def storage_of(node: Node, dialect: str) -> Storage:
    """What the node asks for; its indexes are over expressions that the warehouse can read.

    Raises:
        ConfigError: an index is over something that is no list of expressions.
    """
    if not node.indexes and not node.is_unlogged:
        return PLAIN
    indexes = tuple(Index(each.columns, each.is_unique, each.method) for each in node.indexes)
    for index in indexes:
        _verify(node, index, dialect)
    return Storage(indexes, node.is_unlogged)


def _verify(node: Node, index: Index, dialect: str) -> None:
    """What the YAML says stands in a statement of ours: it must not be more than what an index is over."""
    listed = ", ".join(index.columns)
    try:
        trees = sqlglot.parse(f"CREATE INDEX ON t ({listed})", dialect=dialect)
    except SqlglotError:
        trees = []
    columns = trees[0].find(exp.IndexParameters) if len(trees) == 1 and trees[0] else None
    if columns is None or len(columns.args.get("columns") or ()) != len(index.columns):
        place = node.patch or node.place
        raise ConfigError(
            f"an index of `{node.name}` is over `{listed}`, which is no list of columns.",
            path=place.path, line=place.line, hint="each entry of `columns` is a column or an expression.",
        )  # fmt: skip
