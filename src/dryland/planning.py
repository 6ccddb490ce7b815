"""Asks the warehouse, the sources and the memory where an environment stands, and plans from the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from dryland.engines.relation import Relation
from dryland.measuring import Measured, disbelieved, measured_now
from dryland.plan.compose import with_ephemeral
from dryland.plan.contract_breaks import verify_contracts_kept
from dryland.plan.definition import is_as_written
from dryland.plan.environment import published_relation
from dryland.plan.growing_columns import as_it_grows
from dryland.plan.key import is_pinned
from dryland.plan.make import make_plan
from dryland.plan.order import reach
from dryland.plan.others import names_hit, with_others
from dryland.plan.outlook import look_at_code, with_sources
from dryland.plan.plan import Plan, Verb
from dryland.plan.request import Deployed, PlanRequest, Question
from dryland.plan.states import states_of
from dryland.plan.writable import verify_renders
from dryland.project.batches import Window
from dryland.project.project import Project
from dryland.project.untranslated import Untranslated
from dryland.sql.meaning import Meaning
from dryland.timings import timed
from dryland.workshop import Workshop

GRAINS = {"run": "%Y-%m-%dT%H:%M:%S.%f", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


def plan_for(
    workshop: Workshop,
    environment: str,
    verb: Verb = "apply",
    *,
    only: frozenset[str] | None = None,
    full_refresh: bool = False,
    window: Window | None = None,
) -> Plan:
    """Say what a verb would do to an environment; `only` are the selected nodes, None is all.

    `run` asks every source whether it moved. `apply` asks them only when something is to be built: until then a
    plan costs nothing but metadata.
    """
    now = datetime.now(UTC)
    deployed = deployed_in(workshop, environment)
    read_through = _read_through(workshop, deployed, only) if only else frozenset()
    asked = _request(workshop, verb, now)
    request = replace(asked, only=only, read_through=read_through, full_refresh=full_refresh, window=window)
    question = Question(workshop.project, _meanings_in(workshop, deployed, request), deployed, request)
    plan, measured = _measured_plan(workshop, question, now)
    verify_renders(workshop.project, plan)
    verify_contracts_kept(question)
    plan = _with_others(workshop, plan, deployed)
    return replace(
        plan, rereadings=tuple(measured.rereadings.values()), untranslated=untranslated_of(workshop.project, plan)
    )


def untranslated_of(project: Project, plan: Plan) -> tuple[Untranslated, ...]:
    """What of a plan the warehouse has no words for: what it would build or ask, or is read in between."""
    if not project.untranslated:
        return ()
    used = {*with_ephemeral(plan.nodes_to("build"), project), *plan.checks, *project.sources}
    return tuple(each for each in project.untranslated if each.unique_id in used)


def _with_others(workshop: Workshop, plan: Plan, deployed: Deployed) -> Plan:
    """The plan with the views of others that it hits; the warehouse is asked when readers see a change."""
    published = {node: Relation(*pointer.published) for node, pointer in deployed.pointers.items()}
    names = names_hit(plan, published)
    return with_others(plan, published, workshop.engine.bound_views(names)) if names else plan


def _request(workshop: Workshop, verb: Verb, now: datetime) -> PlanRequest:
    return PlanRequest(
        verb=verb,
        now=now.isoformat(),
        volatile_token=now.strftime(GRAINS[workshop.project.settings.volatile]),
        source_columns=workshop.source_columns,
        check_hashes=workshop.check_hashes,
        dialect=workshop.engine.dialect,
        remembered=workshop.remembered,
    )


@timed("plan")
def _measured_plan(workshop: Workshop, question: Question, now: datetime) -> tuple[Plan, Measured]:
    """The plan with sources as they are: those are asked when that decides something, and what was refused again."""
    deployed, request = question.deployed, question.request

    def plan_with(measured: Measured) -> Plan:
        asked = replace(request, tokens=measured.tokens)
        known = outlook and with_sources(replace(question, request=asked), outlook)
        return make_plan(question.project, question.meanings, deployed, asked, known)

    outlook = None if request.verb == "run" else look_at_code(question)
    if outlook is not None and not outlook.building:
        measured = Measured()
        plan = plan_with(measured)
    else:
        measured = measured_now(workshop, deployed, now)
        plan = plan_with(measured)
    if refused := _refused_again(workshop, deployed, plan):
        measured = disbelieved(workshop, measured, refused, now)
        plan = plan_with(measured)
    return plan, measured


@timed("what stands")
def deployed_in(workshop: Workshop, environment: str) -> Deployed:
    """What stands in an environment, in a fixed number of queries.

    A build counts when its table stands, and readers count as served when the warehouse notes the live release:
    a warehouse that was made anew, or brought back from a copy, is brought up to date by the next plan.
    """
    engine = workshop.engine  # first: it waits for who holds the warehouse, and completes what a crash left behind
    state, settings = workshop.state, workshop.project.settings
    known = state.environment(environment)
    live = state.release(known.live_release) if known and known.live_release is not None else None
    remembered = state.remembered(live.id) if live else ()
    pointers = {each.node: each for each in remembered if not each.is_resting}
    names = [
        published_relation(node.relation, environment, settings.default_environment)
        for node in workshop.project.nodes.values()
    ]
    names += [Relation(*pointer.published) for pointer in pointers.values()]
    store = (engine.database, settings.store_schema)
    found = engine.list_relations({store, *((name.database, name.schema) for name in names)})
    stored = {each.relation.name for each in found if (each.relation.database, each.relation.schema) == store}
    return Deployed(
        environment,
        pointers,
        state.definitions({pointer.definition for pointer in remembered}),
        {k: build for k, build in state.all_builds().items() if build.relation in stored or build.kind == "nothing"},
        tuple(each for each in found if (each.relation.database, each.relation.schema) != store),
        resting={each.node: each for each in remembered if each.is_resting},
        release=live.id if live else None,
        is_shown=live is None or engine.published().get(environment) == live.note,
    )


def states_against(workshop: Workshop, environment: str) -> Mapping[str, frozenset[str]]:
    """What the selectors `state:new`, `state:modified` and its parts stand for, against what is live."""
    plan, deployed = plan_for(workshop, environment), deployed_in(workshop, environment)
    return states_of(workshop.project, deployed, plan, workshop.engine.dialect)


def _read_through(workshop: Workshop, deployed: Deployed, only: frozenset[str]) -> frozenset[str]:
    """Views behind the selected nodes, with views only in between: who makes a table wants what is behind them by now.

    Edited ones are left out, and what a team gates (`views_over_sources: pinned`): these go out when somebody asks.
    """
    meanings, project = workshop.meanings, workshop.project

    def comes_through(node: str) -> bool:
        own, pointer = project.nodes[node], deployed.pointers.get(node)
        before = deployed.definitions.get(pointer.definition) if pointer else None
        if before is None or own.materialized != "view" or own.materialization_macro:
            return False
        gated = is_pinned(own, meanings[node].inputs, project.nodes, project.settings.views_over_sources)
        return not gated and is_as_written(before, own, project, workshop.engine.dialect)

    def views_behind(node: str) -> list[str]:
        return [each for each in meanings[node].inputs & meanings.keys() if comes_through(each)]

    return reach(only & meanings.keys(), views_behind)


@timed("meanings")
def _meanings_in(workshop: Workshop, deployed: Deployed, request: PlanRequest) -> Mapping[str, Meaning]:
    """What nodes mean in an environment: what stands there may keep other columns than a query gives by now."""
    question = Question(workshop.project, workshop.meanings, deployed, request)
    settled = partial(as_it_grows, question)
    if all(settled(node, meaning) is meaning for node, meaning in workshop.meanings.items()):
        return workshop.meanings
    return workshop.meanings_settled(settled)


def _refused_again(workshop: Workshop, deployed: Deployed, plan: Plan) -> frozenset[str]:
    """Nodes for which the very build would be taken that the gate refused: nobody asks for that, data was mended."""
    live = {pointer.build_key for pointer in deployed.pointers.values()}
    taken = {step.key: step.node for step in plan.steps if step.action == "reuse" and step.key not in live}
    return frozenset(taken[key] for key in workshop.state.refused_builds() & taken.keys()) if taken else frozenset()
