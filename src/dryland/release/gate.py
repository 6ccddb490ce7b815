"""Decides what may be published: everything or nothing for `apply`, last good per node for `run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from dryland.plan.plan import Plan
from dryland.project.project import Project
from dryland.state.records import Verdict
from dryland.timings import timed
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.build.execute import Candidates


@dataclass(frozen=True, slots=True)
class Decision:
    """Which nodes may go to readers, and why the others may not."""

    publish: frozenset[str]
    blocked: Mapping[str, str] = field(default_factory=dict)  # node -> reason for people
    refused: bool = False  # nothing at all is published


@timed("gate")
def decide(plan: Plan, project: Project, candidates: Candidates) -> Decision:
    """Read the verdicts; no candidate is published on trust.

    A node is blocked when it could not be built, when one of its own checks said no, when a check over several
    nodes that it is part of said no or looked at one that is blocked, or when something it reads is blocked.
    """
    wanted = frozenset(plan.nodes_to("publish")) | frozenset(plan.nodes_to("drop"))
    blocked = _blocked(plan, project, candidates)
    if plan.verb == "apply" and blocked:
        return Decision(frozenset(), blocked, refused=True)
    return Decision(wanted - blocked.keys(), blocked)


def _blocked(plan: Plan, project: Project, candidates: Candidates) -> dict[str, str]:
    blocked: dict[str, str] = {}
    touched = set(candidates.builds) | {node for node in candidates.ended if node in plan.targets}
    for verdict in candidates.verdicts:
        if verdict.status in ("fail", "error"):
            for node in _accused(verdict, project, touched):
                blocked.setdefault(node, f"{named(verdict, project)[0]}: {verdict.message or 'failed'}")
    for node, ended in candidates.ended.items():
        if node in plan.targets and ended.status == "failed":
            blocked[node] = ended.message.partition("\n")[0]  # without the hint
    touched |= set(plan.nodes_to("publish"))
    before = -1
    while len(blocked) > before:
        before = len(blocked)
        blocked = _with_unjudged(plan, _with_descendants(plan, blocked, touched, project), touched, project)
    return blocked


def _with_unjudged(plan: Plan, blocked: dict[str, str], touched: set[str], project: Project) -> dict[str, str]:
    """A check that looked at a candidate which nobody will see has not said yes to what readers will."""
    for check in (project.checks[each] for each in plan.checks):
        culprits = sorted(ref for ref in check.refs if ref in blocked)
        for node in check.refs if culprits and check.severity == "error" else ():
            if node in touched and node not in blocked:
                blocked[node] = f"{check.name} also looks at {project.name_of(culprits[0])}, which is blocked"
    return blocked


def _accused(verdict: Verdict, project: Project, touched: set[str]) -> tuple[str, ...]:
    """The nodes a failed check speaks about: the one it is attached to, else all that it reads."""
    check = project.checks.get(verdict.check)
    if check is None:  # one of Dryland's own, named after its node: dryland.emptied.<node>
        return (verdict.check.split(".", 2)[2],)
    if check.node in touched:
        return (check.node,)
    among = tuple(ref for ref in check.refs if ref in touched)
    return among or check.refs


def _with_descendants(plan: Plan, blocked: dict[str, str], touched: set[str], project: Project) -> dict[str, str]:
    """Targets come in topological order, so one pass reaches every descendant."""
    for node, target in plan.targets.items():
        if node in blocked or node not in touched:
            continue
        culprits = sorted(unique_id for unique_id in target.meaning.inputs if unique_id in blocked)
        if culprits:
            blocked[node] = f"reads {', '.join(project.name_of(culprit) for culprit in culprits)}, which is blocked"
    return blocked


def named(verdict: Verdict, project: Project) -> tuple[str, str]:
    """The name of a verdict's check, and the node it is about; empty for checks of several nodes."""
    check = project.checks.get(verdict.check)
    test = project.unit_tests.get(verdict.check)
    if test:
        return test.full_name, test.model
    return (check.name, check.node) if check else ("not_emptied", verdict.check.split(".", 2)[-1])
