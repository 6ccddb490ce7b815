"""Puts nodes in an order in which each comes after what it reads, and walks up and down from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError as GraphCycle
from graphlib import TopologicalSorter

from dryland.errors import CycleError
from dryland.project.project import Project

Steps = Callable[[str], Iterable[str]]


def topological(project: Project) -> tuple[str, ...]:
    """The project's nodes, ephemeral ones included; the same project always gives the same order.

    Raises:
        CycleError: models need each other.
    """
    nodes = sorted(project.nodes.items())
    for unique_id, node in nodes:
        if unique_id in (*node.rendered.refs, *(node.rendered_incremental or node.rendered).refs):
            raise CycleError(
                f"`{node.name}` refers to itself.", cycle=(node.name, node.name), path=node.place.path,
                line=node.place.line, hint="`{{ this }}` is what stands there already, in an incremental model.",
            )  # fmt: skip
    try:
        return in_order({unique_id: node.depends_on for unique_id, node in nodes})
    except GraphCycle as error:
        cycle = error.args[1]
        names = tuple(project.name_of(unique_id) for unique_id in reversed(cycle))
        place = project.nodes[cycle[-1]].place
        raise CycleError(
            f"models need each other: {' -> '.join(names)}.",
            cycle=names, path=place.path, line=place.line,
            hint="take one of these refs out; often the shared part belongs in a model of its own.",
        ) from error  # fmt: skip


def batches(project: Project, order: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """An order cut into runs of nodes that read none of each other."""
    batch: dict[str, None] = {}
    for unique_id in order:
        if not batch.keys().isdisjoint(project.nodes[unique_id].depends_on):
            yield tuple(batch)
            batch = {}
        batch[unique_id] = None
    yield tuple(batch)


def in_order(inputs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The keys, each after those of its inputs that are keys too.

    >>> in_order({"b": ["a", "elsewhere"], "a": []})
    ('a', 'b')
    """
    graph = {name: [each for each in read if each in inputs] for name, read in inputs.items()}
    return tuple(TopologicalSorter(graph).static_order())


def readers_of(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Unique id of a node or source -> the nodes that read it directly."""
    return turned({unique_id: node.depends_on for unique_id, node in project.nodes.items()})


def turned(edges: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """The same edges from the other end.

    >>> turned({"b": ["a"], "c": ["a", "b"]})
    {'a': ('b', 'c'), 'b': ('c',)}
    """
    found: dict[str, list[str]] = {}
    for start, ends in edges.items():
        for end in ends:
            found.setdefault(end, []).append(start)
    return {end: tuple(starts) for end, starts in found.items()}


def ancestors(project: Project, start: Iterable[str], depth: int | None = None) -> frozenset[str]:
    """Everything these nodes need, sources included, without themselves."""
    nodes = project.nodes
    return reach(start, lambda each: nodes[each].depends_on if each in nodes else (), depth)


def descendants(project: Project, start: Iterable[str], depth: int | None = None) -> frozenset[str]:
    """Every node that reads these nodes or sources, directly or not, without themselves."""
    readers = readers_of(project)
    return reach(start, lambda each: readers.get(each, ()), depth)


def reach(start: Iterable[str], steps: Steps, depth: int | None = None) -> frozenset[str]:
    """What can be reached from `start` in up to `depth` steps, without what is in `start`."""
    begun = frozenset(start)
    seen, frontier = set(begun), set(begun)
    while frontier and (depth is None or depth > 0):
        frontier = {other for each in frontier for other in steps(each)} - seen
        seen |= frontier
        depth = None if depth is None else depth - 1
    return frozenset(seen - begun)
