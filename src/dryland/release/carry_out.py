"""Carries out a plan: candidates, gate, then publish or refuse. The order here is the product."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from dryland.build.execute import Candidates, build_candidates
from dryland.build.job import Job
from dryland.errors import DrylandError, InterruptedRunError
from dryland.release.environments import drop_environment, fill
from dryland.release.gate import Decision, decide
from dryland.release.outcome import Outcome, OutcomeStatus
from dryland.release.pointers import next_pointers
from dryland.release.publish import Intent, Provenance, publish
from dryland.state.records import Definition, Pointer, Release, RunStatus

REFUSED = "refused"  # prod's refused candidates are kept in the environment prod_refused


def carry_out(job: Job, definitions: Mapping[str, Definition], who: Provenance, *, message: str = "") -> Outcome:
    """Build and check the candidates, then publish what the gate lets through.

    Raises:
        InterruptedRunError: a person pressed Ctrl-C; nothing was published.
        DrylandError: the warehouse or the metadata failed; nothing was published.
    """
    began = time.monotonic()
    try:
        candidates = build_candidates(job)
        built_s = time.monotonic() - began
        decision = decide(job.plan, job.project, candidates)
        after = next_pointers(job.plan, decision, candidates, job.pointers, now=job.started_at.isoformat())
        release = None if decision.refused else _publish(job, decision, after, definitions, who, message)
        kept_as = _keep_refused(job, candidates) if decision.refused else ""
    except DrylandError as error:
        status: RunStatus = "interrupted" if isinstance(error, InterruptedRunError) else "failed"
        job.state.finish_run(job.run_id, status, {"error": error.message})
        raise
    total_s = time.monotonic() - began
    outcome = Outcome(
        status=_status(decision, candidates, release),
        environment=job.plan.environment,
        release=release,
        verdicts=candidates.verdicts,
        steps=candidates.steps,
        blocked=decision.blocked,
        kept_as=kept_as,
        duration_s=total_s,
        timings={"build_and_check": built_s, "publish": total_s - built_s},
    )
    if outcome.status == "published":
        _drop_refused(job)
    job.state.put_steps(candidates.steps)
    job.state.finish_run(job.run_id, _run_status(outcome.status), _summary(outcome))
    return outcome


def _publish(
    job: Job,
    decision: Decision,
    after: Mapping[str, Pointer],
    definitions: Mapping[str, Definition],
    who: Provenance,
    message: str,
) -> Release | None:
    again = frozenset(job.plan.nodes_to("publish")) & decision.publish
    if dict(after) == dict(job.pointers) and not again & after.keys():
        return None
    environment = job.state.environment(job.plan.environment)
    if environment is None:
        job.state.create_environment(job.plan.environment, "")
    used = {pointer.definition for pointer in after.values()}
    intent = Intent(
        environment=job.plan.environment,
        kind=job.plan.verb,
        after=after,
        before=job.pointers,
        definitions=[definition for definition in definitions.values() if definition.id in used],
        parent=environment.live_release if environment else None,
        author=who.author,
        git_commit=who.git_commit,
        message=message,
        run_id=job.run_id,
        summary={"changes": len(job.plan.changes), "built": len(job.plan.nodes_to("build"))},
        again=again,
    )
    return publish(job.engine, job.state, intent, store_schema=job.project.settings.store_schema)


def _keep_refused(job: Job, candidates: Candidates) -> str:
    """Show what was refused in an environment of its own, so that it can be looked at."""
    if not candidates.builds:
        return ""
    name = f"{job.plan.environment}_{REFUSED}"
    if job.state.environment(name) is None:
        job.state.create_environment(name, job.plan.environment, purpose="refused")
    everything = Decision(frozenset(candidates.builds))
    shown = next_pointers(job.plan, everything, candidates, job.pointers, now=datetime.now(UTC).isoformat())
    fill(job.engine, job.state, job.project, name, shown, message=f"candidates refused in run {job.run_id}")
    return name


def _drop_refused(job: Job) -> None:
    """A good release answers the refused one: its candidates need not be kept any longer."""
    name = f"{job.plan.environment}_{REFUSED}"
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
    return any(verdict.status in ("fail", "error") for verdict in candidates.verdicts)


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
