"""Runs what dbt_project.yml wants before and after every run: on-run-start and on-run-end."""

from __future__ import annotations

from dryland.engines.protocol import Engine
from dryland.errors import QueryError, WarehouseError
from dryland.plan.environment import published_relation
from dryland.project.nodes import Rendered
from dryland.project.project import Project
from dryland.sql.substitute import substitute

FILE = "dbt_project.yml"


def before_run(project: Project, engine: Engine, environment: str) -> None:
    """Run the on-run-start statements, each on its own, in their order.

    Raises:
        QueryError: one failed; nothing was built.
    """
    for hook in project.on_run_start:
        _run(hook, "on-run-start", project, engine, environment)


def after_run(project: Project, engine: Engine, environment: str) -> tuple[str, ...]:
    """Run the on-run-end statements; say which failed. What readers see is decided by then, and stays."""
    failed = []
    for hook in project.on_run_end:
        try:
            _run(hook, "on-run-end", project, engine, environment)
        except WarehouseError as error:
            failed.append(f"{error.location}: {error.message}")
    return tuple(failed)


def _run(hook: Rendered, kind: str, project: Project, engine: Engine, environment: str) -> None:
    """Relations in a hook are those that the environment's readers see."""
    default = project.settings.default_environment
    nodes = {text: project.nodes[uid] for text, uid in hook.relations.items() if uid in project.nodes}
    names = {
        text: engine.render(published_relation(node.relation, environment, default)) for text, node in nodes.items()
    }
    try:
        with engine.session() as session:
            session.execute(substitute(hook.sql, names))
    except QueryError as error:
        raise QueryError(f"{kind} failed: {error.message}", sql=error.sql, hint=error.hint, path=FILE) from error
