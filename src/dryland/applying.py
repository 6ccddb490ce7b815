"""Carries a plan through: takes over what is in the way, then hooks, build, gate, publication and deliveries."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from dryland import __version__
from dryland.artifacts.write import artifacts_of
from dryland.build.job import Job, selected_by
from dryland.build.plugin_sources import load_plugin_sources
from dryland.check.hash import calls_what_hooks_define
from dryland.clock import utc_now
from dryland.errors import InterruptedRunError, InTheWayError, StalePlanError, WarehouseError
from dryland.leftovers import note_leftovers
from dryland.noting import post_due
from dryland.noting_outcomes import note_outcome
from dryland.observing import observe_release, sentences
from dryland.plan.plan import Plan
from dryland.planning import deployed_in, plan_for
from dryland.project.untranslated import verify_translated
from dryland.release import delivery, hooks
from dryland.release.adopt import adopt
from dryland.release.carry_out import carry_out
from dryland.release.deliver_files import deliver_files
from dryland.release.environments import pointers_of
from dryland.release.hand_back import handed_back_unless_published
from dryland.release.outcome import Outcome
from dryland.release.provenance import provenance
from dryland.scoring import score_release
from dryland.state.work import scope_of
from dryland.unit_testing import refused_by_unit_tests
from dryland.workshop import Workshop


def apply_plan(workshop: Workshop, plan: Plan, *, adopts: bool = False, message: str = "") -> Outcome:
    """Build aside, check, then publish or refuse; what was taken over for a refused release is handed back.

    Raises:
        InTheWayError: somebody else's objects stand where we would publish, and `adopts` was not said.
    """
    assert workshop.engine  # first: it waits for who holds the warehouse
    with nullcontext() if plan.is_empty else workshop.holding(scope_of(plan.environment), plan.verb):
        note_leftovers(workshop, plan.environment)
        outcome = _applied(workshop, plan, adopts=adopts, message=message)
    return replace(outcome, delivered=(*outcome.delivered, *post_due(workshop)))


def _applied(workshop: Workshop, plan: Plan, *, adopts: bool, message: str) -> Outcome:
    began, moment = time.monotonic(), utc_now()
    verify_translated(plan.untranslated)
    _verify_current(workshop, plan)
    artifacts = artifacts_of(workshop.project, lambda: workshop.engine, plan.verb, plan.environment)
    if workshop.state.place() != workshop.place:
        workshop.state.put_place(workshop.place)
    if plan.rereadings:
        workshop.state.put_rereadings(plan.rereadings)
    store_schema = workshop.project.settings.store_schema
    _verify_not_torn(plan)
    with handed_back_unless_published(workshop.engine, workshop.state, plan.environment, store_schema):
        if plan.in_the_way:
            _take_over(workshop, plan, allowed=adopts)
            plan = _planned_again(workshop, plan)
        outcome = _carried_out(workshop, plan, message, lambda: artifacts.begin(plan))
    noticed, told = observe_release(workshop, outcome, plan.verb)
    score_release(workshop, outcome.release)
    outcome = replace(outcome, noticed=(*sentences(noticed), *told))
    files = deliver_files(workshop.engine, workshop.state, workshop.project, plan.environment)
    outcome = replace(outcome, duration_s=time.monotonic() - began, delivered=(*files, *outcome.delivered))
    outcome = replace(outcome, delivered=(*outcome.delivered, *artifacts.after(plan, outcome)))
    outcome = replace(outcome, delivered=(*outcome.delivered, *_told(workshop, plan, outcome, moment)))
    return note_outcome(workshop, plan, outcome, noticed)


def _told(workshop: Workshop, plan: Plan, outcome: Outcome, began: datetime) -> tuple[str, ...]:
    """Tell whoever watches; a sentence for each who could not be told."""
    telemetry = workshop.project.settings.telemetry
    if not telemetry:
        return ()
    from dryland.telemetry.deliver import deliver
    from dryland.telemetry.told import told_of

    told = told_of(workshop.project, plan, outcome, workshop.state, began=began, ended=utc_now())
    return deliver(told, telemetry, place=str(workshop.place), version=__version__) if told else ()


def _planned_again(workshop: Workshop, plan: Plan) -> Plan:
    return plan_for(
        workshop, plan.environment, plan.verb, only=plan.only, full_refresh=plan.full_refresh, window=plan.window
    )


def _verify_current(workshop: Workshop, plan: Plan) -> None:
    """Nobody may have released since the plan was made: it compares with what stood then.

    Raises:
        StalePlanError: the environment shows another release by now.
    """
    known = workshop.state.environment(plan.environment)
    if (known.live_release if known else None) != plan.parent:
        raise StalePlanError(f"{plan.environment} was released to since this plan was made.", hint="plan again.")


def _carried_out(workshop: Workshop, plan: Plan, message: str, meanwhile: Callable[[], None]) -> Outcome:
    if plan.is_empty:
        return Outcome("nothing", plan.environment)
    project, engine, environment = workshop.project, workshop.engine, plan.environment
    tested, refused = refused_by_unit_tests(workshop, plan)
    if refused:
        return replace(refused, delivered=_deliver(workshop, refused))
    runs_hooks = bool(plan.nodes_to("build")) or _checks_need_hooks(workshop, plan)
    try:
        if runs_hooks:
            hooks.before_run(project, engine, plan, workshop.state)
            plan = _over_loaded_sources(workshop, plan)
        job = _job(workshop, plan)
        who = provenance(project.root, _released_commit(workshop, plan))
        outcome = carry_out(job, who, message=message, meanwhile=meanwhile)
    except WarehouseError as error:
        failed = Outcome("failed", environment, error=error.message)
        _deliver(workshop, failed)
        note_outcome(workshop, plan, failed)
        post_due(workshop)
        raise
    unhooked = hooks.after_run(project, engine, plan, workshop.state, outcome) if runs_hooks else ()
    engine.write_down()
    outcome = replace(outcome, verdicts=(*tested, *outcome.verdicts), hooks_failed=unhooked)
    return replace(outcome, delivered=_deliver(workshop, outcome))


def _released_commit(workshop: Workshop, plan: Plan) -> str:
    """The commit that is live; empty where none is known."""
    live = workshop.state.release(plan.parent) if plan.parent is not None and plan.verb == "apply" else None
    return live.git_commit if live else ""


def _checks_need_hooks(workshop: Workshop, plan: Plan) -> bool:
    """Whether a check calls what on-run-start defines: asked without that hook, the old function would answer."""
    checks = (workshop.project.checks[each] for each in plan.checks)
    dialect = workshop.engine.dialect
    return any(calls_what_hooks_define(check, workshop.project, dialect) for check in checks)


def _over_loaded_sources(workshop: Workshop, plan: Plan) -> Plan:
    """The plan, made again where plugins brought sources that it knew no columns of, or others."""
    loaded: set[str] = set()
    while brought := load_plugin_sources(workshop.project, workshop.engine, plan, done=loaded):
        loaded |= set(brought)
        before = workshop.source_columns
        workshop.forget_source_columns()
        if workshop.source_columns != before:
            plan = _planned_again(workshop, plan)
    return plan


def _deliver(workshop: Workshop, outcome: Outcome) -> tuple[str, ...]:
    pointers = pointers_of(workshop.state, outcome.environment) or {}
    try:
        return delivery.deliver(workshop.project, workshop.engine, pointers, outcome)
    except KeyboardInterrupt:
        shown = f"release {outcome.release.id} is published" if outcome.release else "nothing was published"
        raise InterruptedRunError(f"Interrupted while exporting and notifying; {shown}.") from None


def _job(workshop: Workshop, plan: Plan) -> Job:
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
        selected=selected_by(plan, workshop.project),
    )


def _verify_not_torn(plan: Plan) -> None:
    """Say before anything is built what readers of others would be torn from.

    Raises:
        InTheWayError: there are such.
    """
    if plan.torn:
        raise InTheWayError(
            f"views of others read what this release takes away: {'; '.join(plan.torn)}.", objects=plan.torn,
            hint="have those views changed or dropped, or keep what they read, and apply again.",
        )  # fmt: skip


def _take_over(workshop: Workshop, plan: Plan, *, allowed: bool) -> None:
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
    adopt(
        workshop.engine,
        workshop.state,
        plan.environment,
        [each for each in deployed.found if each.relation in plan.in_the_way],
        {step.relation: step.node for step in plan.steps if step.action == "publish" and step.relation},
        deployed.pointers,
        store_schema=workshop.project.settings.store_schema,
        author=provenance(workshop.project.root).author,
    )
