"""Draws lineage around a node or a column, in short names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping

from dryland.errors import UsageError
from dryland.plan.order import readers_of
from dryland.plan.select import select_one
from dryland.project.project import Project
from dryland.sql.column_lineage import downstream, upstream
from dryland.sql.meaning import WHOLE, Meaning

Edges = tuple[tuple[str, str], ...]


def lineage_of(
    project: Project, meanings: Mapping[str, Meaning], target: str, direction: str,
    built: Callable[[str], Iterable[str]] = lambda node: (),
) -> Edges:  # fmt: skip
    """Edges from what is read to what reads, around `orders` or `orders.amount`; direction: up, down or both.

    `built` tells the columns of a node as it stands, for those whose code does not tell them.

    Raises:
        UsageError: there is no such node or column.
    """
    node, column = target_of(project, target)
    if not column:
        return _of_node(project, node, direction)
    told = meanings[node].columns if node in meanings else None
    known = list(built(node) if told is None else told)
    column = column if column in known else column.lower()
    if column not in known and (known or told is not None):
        near = difflib.get_close_matches(column, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(known)}."
        raise UsageError(f"{project.name_of(node)} has no column `{column}`.", hint=hint)
    field = (node, column)
    edges = upstream(field, meanings) if direction in ("up", "both") else ()
    edges += downstream(field, meanings) if direction in ("down", "both") else ()
    return tuple((_shown(project, *a), _shown(project, *b)) for a, b in edges)


def target_of(project: Project, target: str) -> tuple[str, str]:
    """The node and the column that are meant: `orders`, `orders.amount`, `prices.v2`, `prices.v2.amount`.

    Raises:
        SelectorError: there is no such node.
    """
    parts = target.split(".")
    versioned = ".".join(parts[:2])
    node = next((uid for uid, node in project.nodes.items() if node.version and project.name_of(uid) == versioned), "")
    column = ".".join(parts[2 if node else 1 :])
    return node or select_one(project, parts[0]), column


def shown(project: Project, target: str, edges: Edges) -> str:
    """The same as it stands in edges, whose columns are written as the warehouse compares them."""
    node, column = target_of(project, target)
    exact, plain = (_shown(project, node, each) for each in (column, column.lower()))
    return exact if any(exact in edge for edge in edges) else plain


def _of_node(project: Project, node: str, direction: str) -> Edges:
    edges: list[tuple[str, str]] = []
    if direction in ("up", "both"):
        edges += _walk(node, lambda each: project.nodes[each].depends_on if each in project.nodes else (), reverse=True)
    if direction in ("down", "both"):
        readers = readers_of(project)
        edges += _walk(node, lambda each: readers.get(each, ()), reverse=False)
        edges += [
            (uid, exposure.unique_id)
            for exposure in project.exposures.values()
            for uid in exposure.depends_on
            if uid == node or any(uid == reader for _, reader in edges)
        ]
    return tuple((project.name_of(a), project.name_of(b)) for a, b in edges)


def _walk(start: str, step, *, reverse: bool) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    edges: list[tuple[str, str]] = []
    seen, frontier = {start}, [start]
    while frontier:
        node = frontier.pop(0)
        found: Iterable[str] = step(node)
        for other in found:
            edges.append((other, node) if reverse else (node, other))
            if other not in seen:
                seen.add(other)
                frontier.append(other)
    return edges


def _shown(project: Project, unique_id: str, column: str) -> str:
    name = project.name_of(unique_id)
    return name if column in ("", WHOLE) else f"{name}.{column}"
