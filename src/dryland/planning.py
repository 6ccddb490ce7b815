"""Asks the warehouse, the sources and the memory where an environment stands, and plans from the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from dryland.build.sources import measure
from dryland.engines.relation import Relation
from dryland.plan.environment import published_relation
from dryland.plan.make import make_plan
from dryland.plan.plan import Plan, Verb
from dryland.plan.request import Deployed, PlanRequest
from dryland.release.environments import pointers_of
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
    tokens = _tokens(workshop, deployed, now) if verb == "run" else {}
    request = PlanRequest(
        verb=verb,
        tokens=tokens,
        now=now.isoformat(),
        volatile_token=now.strftime(GRAINS[workshop.project.settings.volatile]),
        source_columns=workshop.source_columns,
        check_hashes=workshop.check_hashes,
        only=only,
        full_refresh=full_refresh,
    )
    plan = make_plan(workshop.project, workshop.meanings, deployed, request)
    if not tokens and plan.nodes_to("build"):
        measured = replace(request, tokens=_tokens(workshop, deployed, now))
        plan = make_plan(workshop.project, workshop.meanings, deployed, measured)
    return plan


def deployed_in(workshop: Workshop, environment: str) -> Deployed:
    """What stands in an environment, in a fixed number of queries."""
    pointers = pointers_of(workshop.state, environment) or {}
    default = workshop.project.settings.default_environment
    names = [published_relation(node.relation, environment, default) for node in workshop.project.nodes.values()]
    names += [Relation(*pointer.published) for pointer in pointers.values()]
    return Deployed(
        environment,
        pointers,
        workshop.state.definitions({pointer.definition for pointer in pointers.values()}),
        workshop.state.all_builds(),
        workshop.engine.list_relations({(name.database, name.schema) for name in names}),
    )


def states_against(workshop: Workshop, environment: str) -> Mapping[str, frozenset[str]]:
    """The nodes behind the selectors `state:new` and `state:modified`, against what is live."""
    changes = plan_for(workshop, environment).changes
    new = frozenset(change.node for change in changes if change.change == "added")
    modified = frozenset(change.node for change in changes if change.change == "changed")
    return {"new": new, "modified": new | modified}


def _tokens(workshop: Workshop, deployed: Deployed, now: datetime) -> dict[str, str]:
    """What sources say of themselves; those behind something stale count as moved: they may be mended in place."""
    meanings, at = workshop.meanings, now.isoformat()
    found = measure(workshop.engine, workshop.project.sources.values(), workshop.source_columns, now=at)
    stale = [node for node, pointer in deployed.pointers.items() if pointer.stale_since and node in meanings]
    suspects = frozenset().union(*(meanings[node].inputs for node in stale))
    return {source: f"{token}|{at}" if source in suspects else token for source, token in found.items()}
