"""Takes values out of what a warehouse says, where a project has columns of persons: an error may quote a row."""

from __future__ import annotations

import re

from dryland.project.nodes import Node, Source
from dryland.project.personal import personal_in
from dryland.project.project import Project

QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
MASK = "'***'"


def without_values(message: str, project: Project) -> str:
    """The message with everything in quotes masked, as soon as the project says that anything is a person's."""
    datasets: tuple[Node | Source, ...] = (*project.nodes.values(), *project.sources.values())
    return QUOTED.sub(MASK, message) if any(personal_in(each) for each in datasets) else message
