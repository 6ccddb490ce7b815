"""Asks the warehouse, the sources and the memory where an environment stands, and plans from the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from dryland.build.sources import measure
from dryland.engines.relation import Relation
from dryland.plan.environment import published_relation
from dryland.plan.make import make_plan
from dryland.plan.order import reach
from dryland.plan.plan import Plan, Verb
from dryland.plan.request import Deployed, PlanRequest
from dryland.release.environments import pointers_of
from dryland.release.publish import is_shown
from dryland.state.records import Rereading
from dryland.workshop import Workshop

GRAINS = {"run": "%Y-%m-%dT%H:%M:%S.%f", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


def plan_for(
    workshop: Workshop,
    environment: str,
    verb: Verb = "apply",
    *,
    only: frozenset[str] | None = None,
    full_refresh: bool = False,
) -> Plan:
    """Say what a verb would do to an environment; `only` are the selected nodes, None is all.

    `run` asks every source whether it moved. `apply` asks them only when something is to be built: until then a
    plan costs nothing but metadata.
    """
    now = datetime.now(UTC)
    deployed = deployed_in(workshop, environment)
    measured = _measured(workshop, deployed, now) if verb == "run" else _Measured()
    request = PlanRequest(
        verb=verb,
        tokens=measured.tokens,
        now=now.isoformat(),
        volatile_token=now.strftime(GRAINS[workshop.project.settings.volatile]),
        source_columns=workshop.source_columns,
        check_hashes=workshop.check_hashes,
        only=only,
        full_refresh=full_refresh,
        dialect=workshop.engine.dialect,
    )
    plan = make_plan(workshop.project, workshop.meanings, deployed, request)
    if not measured.tokens and plan.nodes_to("build"):
        measured = _measured(workshop, deployed, now)
        plan = make_plan(workshop.project, workshop.meanings, deployed, replace(request, tokens=measured.tokens))
    if refused := _refused_again(workshop, deployed, plan):
        measured = _measured(workshop, deployed, now, refused)
        plan = make_plan(workshop.project, workshop.meanings, deployed, replace(request, tokens=measured.tokens))
    return replace(plan, rereadings=measured.rereadings)


def deployed_in(workshop: Workshop, environment: str) -> Deployed:
    """What stands in an environment, in a fixed number of queries.

    A build counts when its table stands, and readers count as served when the warehouse notes the live release:
    a warehouse that was made anew, or brought back from a copy, is brought up to date by the next plan.
    """
    engine = workshop.engine  # first: it waits for who holds the warehouse, and completes what a crash left behind
    state, settings = workshop.state, workshop.project.settings
    known = state.environment(environment)
    pointers = pointers_of(state, environment) or {}
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
        state.definitions({pointer.definition for pointer in pointers.values()}),
        {key: build for key, build in state.all_builds().items() if build.relation in stored},
        tuple(each for each in found if (each.relation.database, each.relation.schema) != store),
        release=known.live_release if known else None,
        is_shown=is_shown(engine.published(), state, environment),
    )


def states_against(workshop: Workshop, environment: str) -> Mapping[str, frozenset[str]]:
    """The nodes behind the selectors `state:new` and `state:modified`, against what is live."""
    changes = plan_for(workshop, environment).changes
    new = frozenset(change.node for change in changes if change.change == "added")
    modified = frozenset(change.node for change in changes if change.change == "changed")
    return {"new": new, "modified": new | modified}


@dataclass(frozen=True, slots=True)
class _Measured:
    """What sources say of themselves, and which of them are not believed."""

    tokens: Mapping[str, str] = field(default_factory=dict)
    rereadings: tuple[Rereading, ...] = ()


def _refused_again(workshop: Workshop, deployed: Deployed, plan: Plan) -> frozenset[str]:
    """Nodes for which the very build would be taken that the gate refused: nobody asks for that, data was mended."""
    live = {pointer.build_key for pointer in deployed.pointers.values()}
    taken = {step.key: step.node for step in plan.steps if step.action == "reuse" and step.key not in live}
    return frozenset(taken[key] for key in workshop.state.refused_builds() & taken.keys()) if taken else frozenset()


def _measured(
    workshop: Workshop, deployed: Deployed, now: datetime, refused: frozenset[str] = frozenset()
) -> _Measured:
    """Sources behind something stale or refused count as moved, for they may be mended in place.

    What was read again keeps its salt for as long as the source says the same: without it the next run would find
    the builds that were made of the bad rows, and their verdicts, under the source's old token.
    """
    found = measure(workshop.engine, workshop.project.sources.values(), workshop.source_columns, now=now.isoformat())
    known = workshop.state.rereadings()
    rereadings = {source: known[source] for source in found if source in known and known[source].token == found[source]}
    for source in _behind(workshop, refused | _stale(workshop, deployed)) & found.keys():
        rereadings[source] = Rereading(source, found[source], now.isoformat())
    tokens = {
        source: f"{token}|{rereadings[source].salt}" if source in rereadings else token
        for source, token in found.items()
    }
    return _Measured(tokens, tuple(rereadings.values()))


def _stale(workshop: Workshop, deployed: Deployed) -> frozenset[str]:
    pointers = deployed.pointers.items()
    return frozenset(node for node, pointer in pointers if pointer.stale_since and node in workshop.meanings)


def _behind(workshop: Workshop, nodes: frozenset[str]) -> frozenset[str]:
    """Everything that goes into these nodes, through however many between."""
    meanings = workshop.meanings
    return reach(nodes, lambda node: meanings[node].inputs if node in meanings else ())
