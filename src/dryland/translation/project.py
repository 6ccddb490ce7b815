"""Translates a project: node after node in the order in which they read each other, then checks and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dryland.engines.protocol import Engine
from dryland.errors import UnsupportedError
from dryland.plan.order import topological
from dryland.project.project import Project
from dryland.translation.desk import Desk
from dryland.translation.late import Late
from dryland.translation.nodes import translated_node
from dryland.translation.other_sql import translated_check, translated_hook, translated_source

PAIRS = frozenset({("duckdb", "postgres")})
"""(in which dialect a project is written, which the warehouse speaks): what can be translated."""


def translated_project(project: Project, engine: Engine) -> Project:
    """The project in the words of its warehouse, with what could not be said in them.

    The warehouse is asked for the columns of sources, and what it thinks of each query over tables of no rows.

    Raises:
        UnsupportedError: there is no translation between the two dialects.
    """
    for written, path, line in _dialects(project):
        if (written, engine.dialect) not in PAIRS and written != engine.dialect:
            raise UnsupportedError(
                f"there is no translation from {written} to {engine.dialect}.", path=path, line=line,
                hint=f"there is: {', '.join(f'{a} to {b}' for a, b in sorted(PAIRS))}.",
            )  # fmt: skip
    desk = Desk(project, engine)
    desk.look_at_sources()
    nodes = dict(project.nodes)
    for unique_id in topological(project):
        nodes[unique_id] = translated_node(desk, project.nodes[unique_id])
    return replace(
        project,
        nodes=nodes,
        sources={uid: translated_source(desk, source) for uid, source in project.sources.items()},
        checks={uid: translated_check(desk, check) for uid, check in project.checks.items()},
        on_run_start=tuple(translated_hook(desk, each) for each in project.on_run_start),
        on_run_end=tuple(translated_hook(desk, each) for each in project.on_run_end),
        untranslated=tuple(desk.found),
        late=Late(desk),
        kept=None,  # what was worked out of the project as it is written would not fit
    )


def _dialects(project: Project) -> Iterator[tuple[str, str, int]]:
    yield project.settings.dialect or project.warehouse.type, "dryland.yml", 1
    for node in project.nodes.values():
        if node.config.get("dialect"):
            yield str(node.config["dialect"]), node.place.path, node.place.line
