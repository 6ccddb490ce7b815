"""Says what an incremental model means whose strategy the project wrote itself: its query, and the macro's code."""

from __future__ import annotations

from dataclasses import replace

from dryland.project.nodes import Node
from dryland.sql.meaning import Meaning, Part, hash_of


def grown_meaning(node: Node, query: Meaning) -> Meaning:
    """The meaning of the table that the macro makes of the query's rows; it may do anything to any column."""
    parts = [query.rows, *(query.columns or {}).values()]
    rows = Part(
        hash_of(node.strategy_hash, *(part.hash for part in parts)),
        frozenset(read for part in parts for read in part.reads),
    )
    return replace(query, rows=rows, columns=None, reason="its strategy is a macro of the project")
