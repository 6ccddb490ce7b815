"""Remembers what the quality scores of datasets are made of, whenever a verb changed that: so there is a trend."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from contextlib import suppress

from dryland.errors import DrylandError
from dryland.release.environments import pointers_of
from dryland.state.observed import Scored
from dryland.state.records import Release, Verdict
from dryland.timings import timed
from dryland.watch.scores import scores
from dryland.workshop import Workshop


@timed("scores")
def score_release(workshop: Workshop, release: Release | None) -> None:
    """Score what a release shows otherwise than the one before it; that it cannot be noted stops nothing.

    Other data, other words, or old ones. What people try out in environments of their own is no history.
    """
    if release is not None and _is_scored(workshop, release.environment):
        with suppress(DrylandError):
            before = workshop.state.marks(release.parent) if release.parent is not None else {}
            shown = workshop.state.marks(release.id)
            changed = {node for node in shown.keys() | before.keys() if shown.get(node) != before.get(node)}
            _remember(workshop, release.environment, changed)


@timed("scores")
def score_checked(workshop: Workshop, environment: str, verdicts: Iterable[Verdict]) -> None:
    """Score what checks have looked at; the rest is as for a release."""
    if _is_scored(workshop, environment):
        with suppress(DrylandError):
            said = {verdict.check: verdict for verdict in verdicts}
            asked = (check for uid, check in workshop.project.checks.items() if uid in said)
            _remember(workshop, environment, {ref for check in asked for ref in check.refs}, [*said.values()])


def _remember(workshop: Workshop, environment: str, nodes: AbstractSet[str], said: Iterable[Verdict] = ()) -> None:
    """Note how these nodes stand, where they stand otherwise than it was noted; what was just `said` is not read."""
    if not nodes:
        return
    state, pointers, at = workshop.state, pointers_of(workshop.state, environment) or {}, workshop.clock()
    found = scores(workshop.project, state, pointers, workshop.check_hashes, only=nodes, said=said)
    now = {node: score.parts for node, score in found.items()}
    known = {each.dataset: each.parts for each in state.scored(environment, nodes, before=at)}
    gone = {node for node, parts in known.items() if parts is not None and node not in now}
    new = [Scored(environment, node, at, parts) for node, parts in now.items() if known.get(node) != parts]
    state.put_scored([*new, *(Scored(environment, node, at, None) for node in sorted(gone))])


def _is_scored(workshop: Workshop, environment: str) -> bool:
    return environment == workshop.project.settings.default_environment
