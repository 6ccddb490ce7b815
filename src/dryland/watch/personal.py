"""Takes values out of what a warehouse says, where a project has columns of persons: an error may quote a row."""

from __future__ import annotations

import re

from dryland.project.nodes import Node, Source
from dryland.project.project import Project

QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
MASK = "'***'"


def without_values(message: str, project: Project) -> str:
    """The message with everything in quotes masked, as soon as the project says that anything is a person's."""
    datasets: tuple[Node | Source, ...] = (*project.nodes.values(), *project.sources.values())
    has_persons = any(
        each.meta.get("pii") or any(column.meta.get("pii") for column in each.columns) for each in datasets
    )  # fmt: skip
    return QUOTED.sub(MASK, message) if has_persons else message
