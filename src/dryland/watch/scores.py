"""Scores every dataset of an environment from what is remembered of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.release.standings import live_verdicts
from dryland.state.records import Pointer, VerdictStatus
from dryland.state.store import State
from dryland.watch.quality_score import Score, Seen, score_of

Said = dict[str, list[tuple[str, VerdictStatus]]]


def scores(
    project: Project, state: State, pointers: Mapping[str, Pointer], hashes: Mapping[str, str],
    incidents: Collection[str] = (),
) -> dict[str, Score]:  # fmt: skip
    """By unique id, every node that readers see; `incidents`: the nodes that have an open one."""
    said: Said = {}
    for check, verdict in live_verdicts(project, state, pointers, hashes):
        for node in {check.node} if check.node else {*check.refs}:
            said.setdefault(node, []).append((check.severity, verdict.status))
    shown = {node: pointer for node, pointer in pointers.items() if node in project.nodes}
    return {
        node: score_of(_seen(project.nodes[node], pointer, said, has_incident=node in incidents))
        for node, pointer in shown.items()
    }


def _seen(node: Node, pointer: Pointer, said: Said, *, has_incident: bool) -> Seen:
    return Seen(
        checks=tuple(said.get(node.unique_id, ())),
        is_stale=bool(pointer.stale_since),
        has_owner=bool(node.owner or node.group),
        has_description=bool(node.description.strip()),
        columns=len(node.columns),
        columns_described=sum(bool(column.description.strip()) for column in node.columns),
        has_incident=has_incident,
    )
