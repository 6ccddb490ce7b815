"""Carries a plan through: takes over what is in the way, then hooks, build, gate, publication and deliveries."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from dryland.build.job import Job
from dryland.errors import InTheWayError
from dryland.plan.plan import Plan
from dryland.planning import deployed_in, plan_for
from dryland.release import delivery, hooks
from dryland.release.adopt import adopt, handed_back_unless_published
from dryland.release.carry_out import carry_out
from dryland.release.environments import pointers_of
from dryland.release.outcome import Outcome
from dryland.release.publish import provenance
from dryland.state.records import Release
from dryland.workshop import Workshop


def apply_plan(
    workshop: Workshop, plan: Plan, *, adopts: bool = False, message: str = "", full_refresh: bool = False
) -> Outcome:
    """Build aside, check, then publish or refuse; what was taken over for a refused release is handed back.

    Raises:
        InTheWayError: somebody else's objects stand where we would publish, and `adopts` was not said.
    """
    began = time.monotonic()
    if not plan.in_the_way:
        outcome = _carried_out(workshop, plan, message, full_refresh)
    else:
        adopted = _taken_over(workshop, plan, allowed=adopts)
        again = plan_for(workshop, plan.environment, plan.verb, only=plan.only, full_refresh=full_refresh)
        store_schema = workshop.project.settings.store_schema
        with handed_back_unless_published(workshop.engine, workshop.state, adopted, store_schema):
            outcome = _carried_out(workshop, again, message, full_refresh)
    return replace(outcome, duration_s=time.monotonic() - began)


def _carried_out(workshop: Workshop, plan: Plan, message: str, full_refresh: bool) -> Outcome:
    if plan.is_empty:
        return Outcome("nothing", plan.environment)
    project, engine, environment = workshop.project, workshop.engine, plan.environment
    builds = bool(plan.nodes_to("build"))
    if builds:
        hooks.before_run(project, engine, environment)
    job = _job(workshop, plan, full_refresh)
    outcome = carry_out(job, plan.definitions, provenance(project.root), message=message)
    said = hooks.after_run(project, engine, environment) if builds else ()
    delivered = delivery.deliver(project, engine, pointers_of(workshop.state, environment) or {}, outcome)
    return replace(outcome, delivered=(*said, *delivered))


def _job(workshop: Workshop, plan: Plan, full_refresh: bool) -> Job:
    run = workshop.state.begin_run(plan.verb, plan.environment, os.getpid())
    return Job(
        project=workshop.project,
        plan=plan,
        engine=workshop.engine,
        state=workshop.state,
        pointers=pointers_of(workshop.state, plan.environment) or {},
        run_id=run.id,
        started_at=run.started_at,
        limits=workshop.limits,
        progress=workshop.progress,
        source_columns=workshop.source_columns,
        full_refresh=full_refresh,
    )


def _taken_over(workshop: Workshop, plan: Plan, *, allowed: bool) -> Release:
    """Make what stands in the way a release of its own: adopted tables are builds like all others."""
    objects = tuple(str(relation) for relation in plan.in_the_way)
    if not allowed:
        raise InTheWayError(
            f"{len(objects)} relations that Dryland did not make stand where {plan.environment} publishes: "
            f"{', '.join(objects[:5])}{', ...' if len(objects) > 5 else ''}.",
            objects=objects,
            hint="`dryland apply --adopt` takes them over; a rollback brings them back.",
        )
    if workshop.state.environment(plan.environment) is None:
        workshop.state.create_environment(plan.environment, "")
    deployed = deployed_in(workshop, plan.environment)
    return adopt(
        workshop.engine,
        workshop.state,
        plan.environment,
        [each for each in deployed.found if each.relation in plan.in_the_way],
        {step.relation: step.node for step in plan.steps if step.action == "publish" and step.relation},
        deployed.pointers,
        store_schema=workshop.project.settings.store_schema,
        author=provenance(workshop.project.root).author,
    )
