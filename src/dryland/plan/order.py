"""Puts nodes in an order in which each comes after what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError as GraphCycle
from graphlib import TopologicalSorter

from dryland.errors import CycleError
from dryland.project.nodes import Project


def topological(project: Project) -> tuple[str, ...]:
    """The project's nodes, ephemeral ones included; the same project always gives the same order.

    Raises:
        CycleError: models need each other.
    """
    graph = {uid: [each for each in node.depends_on if each in project.nodes] for uid, node in sorted(project.nodes.items())}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except GraphCycle as error:
        names = tuple(project.name_of(unique_id) for unique_id in reversed(error.args[1]))
        node = project.nodes[error.args[1][0]]
        raise CycleError(
            f"models need each other: {' -> '.join(names)}.",
            cycle=names, path=node.place.path, line=node.place.line,
            hint="take one of these refs out; often the shared part belongs in a model of its own.",
        ) from error  # fmt: skip


def readers_of(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Unique id of a node or source -> the nodes that read it directly."""
    found: dict[str, list[str]] = {}
    for unique_id, node in project.nodes.items():
        for read in node.depends_on:
            found.setdefault(read, []).append(unique_id)
    return {unique_id: tuple(readers) for unique_id, readers in found.items()}
