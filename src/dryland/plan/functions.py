"""Says which functions of a team's own a query calls: those that on-run-start defines in the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dryland.digest import digest
from dryland.plan.compose import ephemeral_behind, still_sql
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project

DEFINED = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:macro|function)\s+(?:if\s+not\s+exists\s+)?([\w.\"]+)",
    re.IGNORECASE,
)
ASKING = frozenset({"current_setting", "getvariable"})  # these tell what a hook has set


def functions_hash(node: Node, project: Project) -> str:
    """Hash of the hooks that may define what a node calls; empty when it calls nothing that they define."""
    behind = [project.nodes[each] for each in ephemeral_behind(node.depends_on, project)]
    return called_in([text for each in (node, *behind) for text in _texts(each)], project)


def called_in(texts: Iterable[str], project: Project) -> str:
    """The same of pieces of SQL."""
    if not project.on_run_start:
        return ""
    names = ASKING.union(*(defined_by(hook) for hook in project.on_run_start))
    called = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, names)))})\"?\s*\(", re.IGNORECASE)
    return digest([still_sql(hook) for hook in project.on_run_start]) if any(map(called.search, texts)) else ""


def defined_by(hook: Rendered) -> frozenset[str]:
    """The functions that a hook makes, by their names without a schema.

    >>> sorted(defined_by(Rendered('create or replace macro main."Twice"(x) as 2 * x; create function half(x) as x')))
    ['Twice', 'half']
    """
    return frozenset(name.rpartition(".")[2].strip('"') for name in DEFINED.findall(hook.sql))


def _texts(node: Node) -> tuple[str, ...]:
    """What may call: the SQL, and before it is known the template."""
    forms = (node.rendered, node.rendered_incremental, *node.pre_hooks, *node.post_hooks)
    return (node.raw, *(form.sql for form in forms if form))
