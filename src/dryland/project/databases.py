"""Refuses models and sources of databases that one connection to the warehouse does not reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dryland.errors import UnsupportedError
from dryland.project.nodes import Node, Source
from dryland.project.project import Warehouse

OF_ONE_DATABASE: frozenset[str] = frozenset({"postgres"})
"""Kinds whose connections see one database and no other; dbt's adapters for them say the same."""


def verify_databases(nodes: Collection[Node], sources: Mapping[str, Source], warehouse: Warehouse) -> None:
    """Everything is read and published in the profile's own database, where there is no other to reach.

    What nobody reads may be anywhere.

    Raises:
        UnsupportedError: a node or a source is elsewhere.
    """
    if warehouse.type not in OF_ONE_DATABASE:
        return
    read = dict.fromkeys(each for node in nodes for each in node.refers_to if each in sources)
    things: list[Node | Source] = [*nodes, *(sources[each] for each in read)]
    for thing in things:
        if thing.relation.database != warehouse.database:
            raise UnsupportedError(
                f"`{thing.name}` is in the database `{thing.relation.database}`, and the profile's connection reaches "
                f"`{warehouse.database}` only.", path=thing.place.path, line=thing.place.line,
                hint="configure another `schema` instead of another `database`; tables of other databases can be "
                "brought in by a foreign data wrapper.",
            )  # fmt: skip
