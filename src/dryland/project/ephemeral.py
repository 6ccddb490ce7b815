"""Sees through ephemeral models: they have no table of their own, so whoever reads them reads what they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.project.nodes import Node


def is_ephemeral(unique_id: str, nodes: Mapping[str, Node]) -> bool:
    """Whether this is a node without a table or view of its own."""
    node = nodes.get(unique_id)
    return node is not None and node.materialized == "ephemeral"


def seen_through(unique_ids: Iterable[str], nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """These nodes and sources, each once and in order, with ephemeral models replaced by what they read."""
    met: dict[str, None] = {}
    ahead = list(unique_ids)[::-1]
    while ahead:
        unique_id = ahead.pop()
        if unique_id not in met and is_ephemeral(unique_id, nodes):
            ahead += nodes[unique_id].depends_on[::-1]
        met[unique_id] = None
    return tuple(unique_id for unique_id in met if not is_ephemeral(unique_id, nodes))
