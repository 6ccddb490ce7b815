"""Remembers what a release made of datasets and what sources are like, and asks monitors about it."""

from __future__ import annotations

from collections.abc import Iterable

from dryland.engines.relation import Column, Relation
from dryland.errors import DrylandError
from dryland.release.environments import pointers_of
from dryland.release.outcome import Outcome
from dryland.state.observed import Observation
from dryland.timings import timed
from dryland.watch.finding import Finding
from dryland.watch.measured import Measured, measured, merged
from dryland.watch.monitor_findings import findings
from dryland.watch.observe import brought_by, observations_of
from dryland.watch.overdue import overdue
from dryland.watch.watched import asks_of_nodes, asks_of_sources, monitors_of
from dryland.workshop import Workshop


@timed("monitors")
def observe_release(workshop: Workshop, outcome: Outcome, verb: str) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Add what came to readers to the history, in one write, and say what is unusual; and what could not be asked.

    The release stands, whatever becomes of this. What people try out in environments of their own is no history.
    """
    if outcome.environment != workshop.project.settings.default_environment:
        return (), ()
    try:
        steps = [
            step for step in brought_by(outcome, workshop.state)
            if monitors_of(workshop.project, step.node).is_on is not False
        ]  # fmt: skip
        if not steps:
            return (), ()
        asked, told = _asked_of_nodes(workshop, outcome.environment, [step.node for step in steps])
        seen = observations_of(workshop.state, outcome, steps, asked, verb=verb, at=workshop.clock())
        workshop.state.put_observations(seen)
        return findings(workshop.state, workshop.project, seen), told
    except DrylandError as error:
        return (), (f"monitors could not look: {error.message}",)


def observe_sources(
    workshop: Workshop, environment: str, sources: Iterable[str]
) -> tuple[list[Observation], tuple[str, ...]]:
    """Measure sources in one query, and add what they said to the history; a source that is not there says nothing."""
    project, columns, at = workshop.project, workshop.source_columns, workshop.clock()
    there = [each for each in sources if each in columns]
    said, told = measured(workshop.engine, asks_of_sources(project, there, workshop.engine.dialect))
    seen = [
        Observation(environment, source, at, _source_body(said[source], columns[source]))
        for source in there if source in said
    ]  # fmt: skip
    workshop.state.put_observations(seen)
    return seen, told


def judge_now(
    workshop: Workshop, environment: str, seen: list[Observation], only: Iterable[str] | None = None
) -> tuple[Finding, ...]:
    """What monitors say of these observations, and of models (`only` these) that should have been built by now."""
    nodes = workshop.project.nodes
    models = [*nodes] if only is None else [each for each in only if each in nodes]
    late = overdue(workshop.state, workshop.project, environment, models, at=workshop.clock())
    return (*findings(workshop.state, workshop.project, seen), *late)


def sentences(found: Iterable[Finding]) -> tuple[str, ...]:
    """What was found, for people: what to call it comes with it."""
    return tuple(f"{each.message} (alert {each.evidence.get('alert')})" for each in found)


def _asked_of_nodes(
    workshop: Workshop, environment: str, built: Iterable[str]
) -> tuple[dict[str, Measured], tuple[str, ...]]:
    """Ask readers' views for what profiles do not have, where somebody wants that; otherwise nothing is asked."""
    pointers = pointers_of(workshop.state, environment) or {}
    relations = {node: Relation(*pointers[node].published) for node in built if node in pointers}
    asks = asks_of_nodes(workshop.project, relations)
    return measured(workshop.engine, asks) if asks else ({}, ())


def _source_body(said: Measured, columns: Iterable[Column]) -> dict[str, object]:
    types = {column.name: {"type": column.type} for column in columns}
    return merged({"columns": types, "verb": "monitor"}, said)
