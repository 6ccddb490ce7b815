"""Refuses a plan with templates that are known to fail, before anything is built for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.plan.compose import ephemeral_behind
from dryland.plan.plan import Plan
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project


def verify_renders(project: Project, plan: Plan) -> None:
    """As in dbt, a template that fails hurts nobody until it is used; this plan would use it.

    Raises:
        ProjectError: the first that fails, with the place in its template.
    """
    used = [form for node in plan.nodes_to("build") for form in _forms(project, project.nodes[node])]
    used += [found for check in plan.checks if (found := project.checks[check].rendered)]
    for form in used:
        if form.trouble is not None:
            raise form.trouble


def _forms(project: Project, node: Node) -> Iterator[Rendered]:
    """Everything that is rendered for a build: the node, ephemeral models in it, its hooks."""
    behind = (project.nodes[each] for each in ephemeral_behind(node.depends_on, project))
    for each in (node, *behind):
        yield from (form for form in (each.rendered, each.rendered_incremental) if form is not None)
    yield from (*node.pre_hooks, *node.post_hooks)
