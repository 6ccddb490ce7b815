"""Puts ephemeral models into their readers' SQL, as CTEs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dryland.project.ephemeral import is_ephemeral
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project
from dryland.sql.substitute import with_ctes


def inlined(
    rendered: Rendered,
    project: Project,
    dialect: str,
    *,
    is_still: bool = False,
    again: Callable[[Rendered], Rendered] = lambda rendered: rendered,
) -> tuple[str, dict[str, str]]:
    """Return the SQL with every ephemeral model in it, and the relation texts that are left (text -> unique id).

    `is_still`: as of a fixed moment, where templates print the clock. `again` renders those of the ephemeral models
    that ask the warehouse what to write.
    """
    ctes: dict[str, Rendered] = {}
    relations: dict[str, str] = {}
    _collect(rendered, project, again, ctes, relations)
    text: Callable[[Rendered], str] = still_sql if is_still else lambda each: each.sql
    return with_ctes(text(rendered), [(name, text(inner)) for name, inner in ctes.items()], dialect), relations


def still_sql(rendered: Rendered) -> str:
    """The SQL as it is each time it is rendered, as far as there is such."""
    return rendered.still or rendered.sql


def asks(node: Node, project: Project) -> bool:
    """Whether a node, or an ephemeral model in it, asks the warehouse what to write."""
    behind = (project.nodes[each] for each in ephemeral_behind(node.depends_on, project))
    forms = (form for each in (node, *behind) for form in (each.rendered, each.rendered_incremental))
    return any(form is not None and form.needs_warehouse for form in forms)


def ephemeral_behind(unique_ids: Iterable[str], project: Project) -> tuple[str, ...]:
    """The ephemeral models among these, and those behind them, sorted."""
    found: set[str] = set()
    frontier = [each for each in unique_ids if is_ephemeral(each, project.nodes)]
    while frontier:
        unique_id = frontier.pop()
        if unique_id not in found:
            found.add(unique_id)
            frontier += [each for each in project.nodes[unique_id].depends_on if is_ephemeral(each, project.nodes)]
    return tuple(sorted(found))


def with_ephemeral(unique_ids: Iterable[str], project: Project) -> frozenset[str]:
    """The nodes, and the ephemeral models that are part of them: those are released in their readers."""
    nodes = frozenset(unique_ids)
    return nodes.union(*(ephemeral_behind(project.nodes[each].depends_on, project) for each in nodes))


def _collect(
    rendered: Rendered,
    project: Project,
    again: Callable[[Rendered], Rendered],
    ctes: dict[str, Rendered],
    relations: dict[str, str],
) -> None:
    """Depth first, so that each CTE stands after those it reads."""
    for text, unique_id in rendered.relations.items():
        if not is_ephemeral(unique_id, project.nodes):
            relations[text] = unique_id
        elif text not in ctes:
            inner = again(project.nodes[unique_id].rendered)
            _collect(inner, project, again, ctes, relations)
            ctes[text] = inner
