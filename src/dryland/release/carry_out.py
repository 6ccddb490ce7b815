"""Carries out a plan: candidates, gate, then publish or refuse. The order here is the product."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from dryland.beside import beside
from dryland.build.execute import Candidates, build_candidates
from dryland.build.job import Job
from dryland.build.progress import Event
from dryland.errors import DrylandError, InterruptedRunError, QueryError
from dryland.release.at_rest import at_rest
from dryland.release.environments import drop_environment, fill
from dryland.release.gate import Decision, decide
from dryland.release.outcome import Outcome, OutcomeStatus
from dryland.release.pointers import next_pointers
from dryland.release.provenance import Provenance
from dryland.release.publish import Intent, publish
from dryland.state.records import Release, RunStatus
from dryland.state.work import REFUSED
from dryland.timings import timed

TO_NOTE = "to_note"  # in the summary of a run: incidents of it are not written down yet


def carry_out(
    job: Job, who: Provenance, *, message: str = "", meanwhile: Callable[[], None] = lambda: None
) -> Outcome:  # fmt: skip
    """Build and check the candidates, then publish what the gate lets through.

    `meanwhile` is what else is to be done, and raises nothing: the warehouse swaps views without us.

    Raises:
        InterruptedRunError: a person pressed Ctrl-C; nothing was published.
        DrylandError: the warehouse or the metadata failed; nothing was published.
    """
    began = time.monotonic()
    with _failure_noted(job):
        candidates = build_candidates(job)
        decision = decide(job.plan, job.project, candidates)
        if decision.blocked:
            job.state.put_refused_builds(_culprits(job, decision, candidates))
        intent = None if decision.refused else _intent(job, decision, candidates, who, message)
        release = _publish(job, intent, meanwhile) if intent else None
        kept_as = _keep_refused(job, candidates) if decision.refused else ""
    outcome = Outcome(
        status=_status(decision, candidates, release),
        environment=job.plan.environment,
        release=release,
        verdicts=candidates.verdicts,
        steps=candidates.steps,
        blocked=decision.blocked,
        kept_as=kept_as,
        duration_s=time.monotonic() - began,
    )
    if outcome.status == "published":
        _drop_refused(job)
    _note_end(job, outcome)
    return outcome


def _culprits(job: Job, decision: Decision, candidates: Candidates) -> list[str]:
    """Keys of the candidates that were stopped for what they are themselves, and not for what they read."""
    blocked = decision.blocked.keys()
    targets = job.plan.targets
    return [
        candidates.builds[node].build.key
        for node in blocked
        if node in candidates.builds and not targets[node].meaning.inputs & blocked
    ]


@contextmanager
def _failure_noted(job: Job) -> Iterator[None]:
    """What stops a run is remembered with it."""
    try:
        yield
    except DrylandError as error:
        status: RunStatus = "interrupted" if isinstance(error, InterruptedRunError) else "failed"
        job.state.finish_run(job.run_id, status, {"error": error.message})
        raise


@timed("metadata")
def _note_end(job: Job, outcome: Outcome) -> None:
    job.state.put_steps(outcome.steps)
    left = {TO_NOTE: True} if _has_news(job, outcome) else {}
    job.state.finish_run(job.run_id, _run_status(outcome.status), {**_summary(outcome), **left})


def _has_news(job: Job, outcome: Outcome) -> bool:
    """Whether incidents will be made of it, or may end with it: who is killed before that leaves a run that says so."""
    is_bad = bool(outcome.blocked) or any(each.status != "pass" for each in outcome.verdicts)
    is_watched = outcome.release is not None and outcome.environment == job.project.settings.default_environment
    return is_watched or is_bad or bool(job.state.incidents(outcome.environment, is_open=True))


def _intent(job: Job, decision: Decision, candidates: Candidates, who: Provenance, message: str) -> Intent | None:
    """The release that the gate lets through; None when it would change nothing for anybody."""
    after = next_pointers(job.plan, decision, candidates, job.pointers, now=job.started_at.isoformat())
    again = frozenset(job.plan.nodes_to("publish")) & decision.publish
    if dict(after) == dict(job.pointers) and not again & after.keys():
        return None
    written = {pointer.definition for pointer in job.pointers.values()}
    used = {pointer.definition for pointer in after.values()} - written
    new = [each for node, each in job.plan.definitions.items() if job.plan.targets[node].definition in used]
    summary = {"changes": len(job.plan.changes), "built": len(job.plan.nodes_to("build"))}
    first = {"first_commit_at": who.first_commit_at} if who.first_commit_at else {}
    return Intent(
        job.plan.environment, job.plan.verb, after, job.pointers,
        definitions=new, author=who.author, git_commit=who.git_commit, message=message, run_id=job.run_id,
        summary={**summary, **first}, again=again,
    )  # fmt: skip


@timed("publish")
def _publish(job: Job, intent: Intent, meanwhile: Callable[[], None]) -> Release:
    """Publish it after the release that is live now; an environment that is new has none."""
    known = job.state.environment(intent.environment)
    environment = known or job.state.create_environment(intent.environment, "")
    live = environment.live_release
    intent = replace(intent, parent=live, resting=at_rest(job.state, live, intent.after, intent.before))
    with beside(meanwhile, "meanwhile"):
        return publish(job.engine, job.state, intent, store_schema=job.project.settings.store_schema)


@timed("keep what was refused")
def _keep_refused(job: Job, candidates: Candidates) -> str:
    """Show what was refused in an environment of its own, so that it can be looked at."""
    if not candidates.builds:
        return ""
    name = f"{job.plan.environment}{REFUSED}"
    if job.state.environment(name) is None:
        job.state.create_environment(name, job.plan.environment, purpose="refused")
    everything = Decision(frozenset(candidates.builds))
    shown = next_pointers(job.plan, everything, candidates, job.pointers, now=datetime.now(UTC).isoformat())
    definitions = [job.plan.definitions[node] for node in candidates.builds if node in job.plan.definitions]
    said = f"candidates refused in run {job.run_id}"
    try:
        fill(job.engine, job.state, job.project, name, shown, definitions=definitions, message=said)
    except QueryError as error:  # as where we may make no schema: why the release was refused is worth more
        job.progress.on(Event("waiting", message=f"what was refused cannot be looked at in {name}: {error}"))
        return ""
    return name


def _drop_refused(job: Job) -> None:
    """A good release answers the refused one: its candidates need not be kept any longer."""
    name = f"{job.plan.environment}{REFUSED}"
    kept = job.state.environment(name)
    if kept is not None and kept.purpose == "refused":
        drop_environment(job.engine, job.state, job.project, name)


def _status(decision: Decision, candidates: Candidates, release: Release | None) -> OutcomeStatus:
    failed = any(ended.status == "failed" for ended in candidates.ended.values())
    if decision.refused:
        return "failed" if failed and not _said_no(candidates) else "refused"
    if decision.blocked:
        return "partly"
    return "published" if release else "nothing"


def _said_no(candidates: Candidates) -> bool:
    return any(verdict.is_no for verdict in candidates.verdicts)


def _run_status(status: OutcomeStatus) -> RunStatus:
    statuses: dict[OutcomeStatus, RunStatus] = {"refused": "refused", "failed": "failed", "partly": "refused"}
    return statuses.get(status, "done")


def _summary(outcome: Outcome) -> dict[str, object]:
    return {
        "status": outcome.status,
        "release": outcome.release.id if outcome.release else None,
        "blocked": dict(outcome.blocked),
        "built": sum(step.action == "build" and step.status == "done" for step in outcome.steps),
        "duration_s": round(outcome.duration_s, 3),
    }
