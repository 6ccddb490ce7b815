"""Runs what dbt_project.yml wants before and after every run: on-run-start and on-run-end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.asking import rendered_over
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.errors import DrylandError
from dryland.plan.environment import published_relation
from dryland.plan.plan import Plan
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Rendered
from dryland.project.project import Project
from dryland.release.hook_results import hook_results
from dryland.release.hook_tables import AroundRun, HookTables
from dryland.release.outcome import Outcome
from dryland.sql.substitute import substitute
from dryland.state.store import State
from dryland.timings import timed


@timed("hooks")
def before_run(project: Project, engine: Engine, plan: Plan, state: State) -> None:
    """Run the on-run-start statements, each on its own, in their order.

    Raises:
        QueryError: one failed; nothing was built.
    """
    project.templates.start_run()
    for hook in project.on_run_start:
        _run(hook, "on-run-start", project, engine, plan, state, {})


@timed("hooks")
def after_run(project: Project, engine: Engine, plan: Plan, state: State, outcome: Outcome) -> tuple[str, ...]:
    """Run the on-run-end statements; say which failed. What readers see is decided by then, and stays."""
    failed = []
    for hook in project.on_run_end:
        try:
            _run(hook, "on-run-end", project, engine, plan, state, {"results": hook_results(project, outcome)})
        except DrylandError as error:
            failed.append(f"{error.location}: {error.message}" + (f" ({error.hint.rstrip('.')})" if error.hint else ""))
    return tuple(failed)


def _run(
    hook: Rendered, kind: str, project: Project, engine: Engine, plan: Plan, state: State, known: Mapping[str, Any]
) -> None:
    """Relations in a hook are those that the environment's readers see, or the tables behind them."""
    relations = _relations(project, plan.environment)
    tables = HookTables.of(project, engine, state, plan.environment)
    places = sorted({(each.database, each.schema) for each in relations.values()})
    extra = {"database_schemas": places, "schemas": [schema for _, schema in places], **known}
    try:
        with engine.session() as session:
            warehouse = AroundRun.hooks(project, EngineAsked(engine, session), tables)
            chosen = plan.nodes_to("build")
            how = Pass(extra=extra, selected=chosen, full_refresh=plan.full_refresh, time_goes_on=True)
            found = rendered_over(project, hook, warehouse, how=how)
            known_names = {text: uid for text, uid in found.relations.items() if uid in tables.places}
            names = {text: engine.render(tables.places[uid]) for text, uid in known_names.items()}
            sql = warehouse.verified(substitute(found.sql, names))
            if sql.strip():
                session.execute(sql)
    except DrylandError as error:
        error.message, error.path = f"{kind} failed: {error.message}", error.path or "dbt_project.yml"
        raise


def _relations(project: Project, environment: str) -> dict[str, Relation]:
    default = project.settings.default_environment
    return {uid: published_relation(node.relation, environment, default) for uid, node in project.nodes.items()}
