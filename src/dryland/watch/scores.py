"""Scores every dataset of an environment from what is remembered of it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping

from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.release.standings import live_verdicts
from dryland.state.incident_records import Incident
from dryland.state.records import Pointer, Verdict, VerdictStatus
from dryland.state.store import State
from dryland.watch.quality_score import Score, Seen, score_of

Said = dict[str, list[tuple[str, VerdictStatus]]]


def scores(
    project: Project, state: State, pointers: Mapping[str, Pointer], hashes: Mapping[str, str],
    incidents: Collection[str] = (), only: Container[str] | None = None, said: Iterable[Verdict] = (),
) -> dict[str, Score]:  # fmt: skip
    """By unique id, every node that readers see, or `only` these; `incidents`: the nodes that have an open one.

    What checks just `said` is not read again.
    """
    verdicts: Said = {}
    for check, verdict in live_verdicts(project, state, pointers, hashes, only, said):
        for node in {check.node} if check.node else {*check.refs}:
            verdicts.setdefault(node, []).append((check.severity, verdict.status))
    return {
        node: score_of(seen_of(project.nodes[node], pointer, verdicts.get(node, ()), has_incident=node in incidents))
        for node, pointer in pointers.items()
        if node in project.nodes and (only is None or node in only)
    }


def with_incidents(incidents: Iterable[Incident]) -> frozenset[str]:
    """The datasets of which open incidents are."""
    ids = (
        unique_id for each in incidents if each.is_open
        for unique_id in (each.cause, *(symptom.dataset for symptom in each.still))
    )  # fmt: skip
    return frozenset(ids)


def seen_of(
    node: Node, pointer: Pointer, said: Iterable[tuple[str, VerdictStatus]], *, has_incident: bool
) -> Seen:  # fmt: skip
    """What a node's score is made of; `said` are severities of checks with what these said last."""
    return Seen(
        checks=tuple(said),
        is_stale=bool(pointer.stale_since),
        has_owner=bool(node.owner or node.group),
        has_description=bool(node.description.strip()),
        columns=len(node.columns),
        columns_described=sum(bool(column.description.strip()) for column in node.columns),
        has_incident=has_incident,
    )
