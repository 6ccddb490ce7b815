"""Puts ephemeral models into their readers' SQL, as CTEs."""

from __future__ import annotations

from collections.abc import Iterable

from dryland.project.nodes import Project, Rendered
from dryland.sql.substitute import with_ctes


def inlined(rendered: Rendered, project: Project, dialect: str) -> tuple[str, dict[str, str]]:
    """Return the SQL with every ephemeral model in it, and the relation texts that are left (text -> unique id)."""
    ctes: dict[str, str] = {}
    relations: dict[str, str] = {}
    _collect(rendered, project, ctes, relations)
    return with_ctes(rendered.sql, list(ctes.items()), dialect), relations


def is_ephemeral(unique_id: str, project: Project) -> bool:
    """Whether a node has no table or view of its own."""
    node = project.nodes.get(unique_id)
    return node is not None and node.materialized == "ephemeral"


def seen_through(unique_ids: Iterable[str], project: Project) -> frozenset[str]:
    """These nodes and sources, with ephemeral models replaced by what they read."""
    found: set[str] = set()
    ephemeral: set[str] = set()
    frontier = list(unique_ids)
    while frontier:
        unique_id = frontier.pop()
        if not is_ephemeral(unique_id, project):
            found.add(unique_id)
        elif unique_id not in ephemeral:
            ephemeral.add(unique_id)
            frontier += project.nodes[unique_id].depends_on
    return frozenset(found)


def ephemeral_behind(unique_ids: Iterable[str], project: Project) -> tuple[str, ...]:
    """The ephemeral models among these, and those behind them, sorted."""
    found: set[str] = set()
    frontier = [each for each in unique_ids if is_ephemeral(each, project)]
    while frontier:
        unique_id = frontier.pop()
        if unique_id not in found:
            found.add(unique_id)
            frontier += [each for each in project.nodes[unique_id].depends_on if is_ephemeral(each, project)]
    return tuple(sorted(found))


def _collect(rendered: Rendered, project: Project, ctes: dict[str, str], relations: dict[str, str]) -> None:
    """Depth first, so that each CTE stands after those it reads."""
    for text, unique_id in rendered.relations.items():
        if not is_ephemeral(unique_id, project):
            relations[text] = unique_id
        elif text not in ctes:
            inner = project.nodes[unique_id].rendered
            _collect(inner, project, ctes, relations)
            ctes[text] = inner.sql
