"""Says what a node means that a macro of the project makes: its query, the macro, and all that this may read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dryland.digest import digest
from dryland.project.nodes import Node
from dryland.sql.meaning import Meaning, hash_of
from dryland.sql.versions import opaque

UNREAD = frozenset("access alias database docs enabled full_refresh group post-hook pre-hook schema tags".split())
"""Configuration that shapes no table, whoever makes it; hooks count by what they render to."""


def own_meaning(node: Node, query: Meaning) -> Meaning:
    """The meaning of what a macro makes of a query: nobody can tell which columns it adds, or what it keeps."""
    columns = [[name, part.hash] for name, part in (query.columns or {}).items()]
    text = hash_of(query.rows.hash, digest(columns), digest(macro_and_config(node)))
    found = opaque(text, query.inputs, "a macro of the project makes its table")
    return replace(found, volatile=query.volatile)


def macro_and_config(node: Node) -> list[Any]:
    """What decides, besides its query, what a macro makes."""
    read = {key: value for key, value in node.config.items() if key not in UNREAD}
    return [node.materialization_hash, read]
