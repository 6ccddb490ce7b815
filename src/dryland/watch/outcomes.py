"""Finds in how a release or refresh ended what is wrong, and what is right again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dryland.plan.plan import Plan
from dryland.release.outcome import Outcome
from dryland.state.incident_records import Track
from dryland.watch.finding import Finding
from dryland.watch.personal import without_values
from dryland.watch.report import Quiet, Report
from dryland.watch.verdicts import Looked

WHOLE_RUN = "run"  # the subject of what stopped a run as a whole
HOOKS = "on-run-end"
BLOCKED_MAX = 50


def report_of(outcome: Outcome, plan: Plan, looked: Looked) -> Report:
    """What an outcome says of the environment."""
    findings = (
        *looked.findings(outcome.verdicts), *_failed_steps(outcome, looked), *_stopped(outcome, looked),
        *_hooks(outcome, looked),
    )  # fmt: skip
    quiet = (*looked.quiet(outcome.verdicts), *_published(outcome, plan, looked), *_whole(outcome, looked))
    return Report(
        outcome.environment, looked.at, tuple(_with_blocked(each, outcome, looked) for each in findings), quiet,
        why_quiet=_why(outcome, looked.verb), who="",
    )  # fmt: skip


def _failed_steps(outcome: Outcome, looked: Looked) -> Iterator[Finding]:
    for step in outcome.steps:
        if step.status == "failed":
            said = without_values(step.message.partition("\n")[0], looked.project)
            yield Finding(
                outcome.environment, step.node, "run", step.action, "error", looked.at,
                f"could not be built: {said}", are_readers_hit=False, since=looked.since.get(step.node),
                release=looked.release, run=looked.run,
                track=_track(looked), evidence={"verb": looked.verb, "status": step.status},
            )  # fmt: skip


def _stopped(outcome: Outcome, looked: Looked) -> Iterator[Finding]:
    if outcome.error:
        said = without_values(outcome.error, looked.project)
        yield Finding(
            outcome.environment, f"project.{looked.project.name}", "run", WHOLE_RUN, "error", looked.at,
            f"{looked.verb} failed: {said}", are_readers_hit=False, release=looked.release, run=looked.run,
            track=_track(looked), evidence={"verb": looked.verb},
        )  # fmt: skip


def _track(looked: Looked) -> Track:
    return "release" if looked.verb == "apply" else "data"


def _hooks(outcome: Outcome, looked: Looked) -> Iterator[Finding]:
    for sentence in outcome.hooks_failed:
        yield Finding(
            outcome.environment, f"project.{looked.project.name}", "run", HOOKS, "warn", looked.at, sentence,
            are_readers_hit=False, release=looked.release, run=looked.run, evidence={"verb": "run"},
        )  # fmt: skip


def _with_blocked(finding: Finding, outcome: Outcome, looked: Looked) -> Finding:
    """Say with a finding what else is held back: it is stale, or not released, and nothing else is wrong with it."""
    if not outcome.blocked or finding.dataset not in outcome.blocked:
        return finding
    others = [node for node in outcome.blocked if node != finding.dataset]
    names = [looked.project.name_of(node) for node in others[:BLOCKED_MAX]]
    evidence = {**finding.evidence, "held_back": names, "held_back_count": len(others)}
    return replace(finding, evidence=evidence)


def _published(outcome: Outcome, plan: Plan, looked: Looked) -> Iterator[Quiet]:
    """What a release shows to readers has passed; what nobody wants any more is over too."""
    if outcome.status in ("refused", "failed"):
        return
    if outcome.status in ("published", "nothing") and plan.only is None and looked.verb == "apply":
        yield Quiet("", "gate", track="release")
        yield Quiet("", "run", track="release")
    for node in _shown(outcome, plan):
        yield from (Quiet(node, "gate"), Quiet(node, "run"), Quiet(node, "gate", track="release"))


def _shown(outcome: Outcome, plan: Plan) -> Iterable[str]:
    if outcome.status == "nothing":
        return ()
    return (node for node in plan.nodes_to("publish") if node not in outcome.blocked)


def _whole(outcome: Outcome, looked: Looked) -> Iterator[Quiet]:
    project = f"project.{looked.project.name}"
    if not outcome.error:
        yield Quiet(project, "run", WHOLE_RUN)
        yield Quiet(project, "run", WHOLE_RUN, "release")
    if not outcome.hooks_failed and outcome.release is not None:
        yield Quiet(project, "run", HOOKS)


def _why(outcome: Outcome, verb: str) -> str:
    if outcome.release is not None:
        return f"release {outcome.release.id} was published"
    return f"{verb} found nothing wrong"
