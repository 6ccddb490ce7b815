"""Says who owns a dataset: whom its YAML names, or its group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.project import Project


def owner_of(project: Project, unique_id: str) -> str:
    """The owner's name; of a source that is a seed, the seed's; empty when nobody is named."""
    if source := project.sources.get(unique_id):
        return source.owner or (owner_of(project, source.seed) if source.seed else "")
    node = project.nodes.get(unique_id)
    if node is None:
        return ""
    group = project.groups.get(node.group)
    return node.owner or (text_of(group.owner) if group else "")


def tags_of(project: Project, unique_id: str) -> tuple[str, ...]:
    """What a dataset is tagged with."""
    described = project.sources.get(unique_id) or project.nodes.get(unique_id)
    return tuple(described.tags) if described else ()


def text_of(owner: Mapping[str, Any]) -> str:
    """An owner as dbt writes it, in one text.

    >>> text_of({"name": "Ana", "email": "ana@example.org"})
    'Ana <ana@example.org>'
    """
    name, email = str(owner.get("name") or ""), owner.get("email") or ""
    email = ", ".join(str(each) for each in email) if isinstance(email, list) else str(email)
    return f"{name} <{email}>" if name and email else name or email
