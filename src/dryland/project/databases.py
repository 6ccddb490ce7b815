"""Refuses models of databases that one connection to the warehouse does not reach."""

from __future__ import annotations

from collections.abc import Iterable

from dryland.errors import UnsupportedError
from dryland.project.nodes import Node
from dryland.project.project import Warehouse

OF_ONE_DATABASE: frozenset[str] = frozenset({"postgres"})
"""Kinds whose connections see one database and no other; dbt's adapters for them say the same."""


def verify_databases(nodes: Iterable[Node], warehouse: Warehouse) -> None:
    """Everything is published in the profile's own database, where there is no other to reach.

    Raises:
        UnsupportedError: a node goes elsewhere.
    """
    if warehouse.type not in OF_ONE_DATABASE:
        return
    for node in nodes:
        if node.relation.database != warehouse.database:
            raise UnsupportedError(
                f"`{node.name}` goes to the database `{node.relation.database}`, and the profile's connection reaches "
                f"`{warehouse.database}` only.", path=node.place.path, line=node.place.line,
                hint="configure another `schema` instead of another `database`, or give it a project of its own.",
            )  # fmt: skip
