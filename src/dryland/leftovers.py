"""Picks up what a verb that was killed did not live to note: whoever comes next makes incidents of it.

A release becomes live in one transaction of the warehouse and is written down in one of the metadata. Its incidents
follow, when hooks, files and monitors have had their say. What is killed in between leaves a run that says `to_note`,
or one that never ended and whose release is live; of both the metadata know the verdicts, steps and what was blocked.
The latter may leave what was kept of a refused release before it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import cast

from dryland.circumstances import Noting
from dryland.clock import utc_now
from dryland.errors import DrylandError
from dryland.noting import with_noticed
from dryland.noting_outcomes import NOTED, note_done
from dryland.observing import observe_release
from dryland.plan.plan import Plan, Step, Verb
from dryland.release.at_work import LOST, at_work
from dryland.release.carry_out import TO_NOTE
from dryland.release.outcome import Outcome, OutcomeStatus
from dryland.release.refused import drop_answered
from dryland.scoring import score_release
from dryland.state.records import Release, Run, Verdict
from dryland.state.store import State
from dryland.timings import timed
from dryland.watch.finding import Finding
from dryland.watch.monitor_findings import findings
from dryland.watch.observe import brought_by
from dryland.watch.outcomes import report_of
from dryland.watch.verdicts import Looked
from dryland.workshop import Workshop

RUNS_LOOKED_AT = 20


@timed("leftovers")
def note_leftovers(workshop: Workshop, environment: str) -> None:
    """Make incidents of what the last run of an environment found and did not note; on good days one question."""
    with suppress(DrylandError):  # it is picked up by the next one
        state = workshop.state
        last = next((each for each in state.runs(limit=RUNS_LOOKED_AT) if each.environment == environment), None)
        if last is None or last.verb not in ("apply", "run") or not _is_left(state, last):
            return
        release = next(
            (each for each in state.releases(environment, limit=RUNS_LOOKED_AT) if each.run_id == last.id), None
        )
        if last.summary.get(TO_NOTE) or release is not None:
            _note(workshop, last, release)
        if release is not None:
            drop_answered(workshop.engine, state, workshop.project)
        note_done(state, last)


def _is_left(state: State, run: Run) -> bool:
    if run.summary.get(TO_NOTE):
        return True
    if run.status != "running" or run.summary.get(NOTED):
        return False
    return any(each.run.id == run.id and each.status == LOST for each in at_work(state, limit=RUNS_LOOKED_AT).runs)


def _note(workshop: Workshop, run: Run, release: Release | None) -> None:
    state, ended = workshop.state, run.finished_at or (release.created_at if release else utc_now())
    noting = Noting(workshop, run.environment, utc_now(), verb=run.verb)
    blocked = run.summary.get("blocked")
    outcome = Outcome(
        cast(OutcomeStatus, run.summary.get("status") or "published"), run.environment, release,
        _verdicts(state, run, release), state.steps(run.id),
        {str(node): str(why) for node, why in blocked.items()} if isinstance(blocked, Mapping) else {},
    )  # fmt: skip
    looked = Looked(
        workshop.project, run.environment, ended, noting.live, verb=run.verb, release=noting.release, run=run.id,
        is_out=False, held=frozenset(outcome.blocked),
    )  # fmt: skip  # what readers see is what is live: builds that are not were held back
    report = report_of(outcome, _plan(state, run, release), looked)
    score_release(workshop, release)
    noticed, datasets = _noticed(workshop, run, outcome)
    noting.take_in(with_noticed(report, noticed, datasets))


def _noticed(workshop: Workshop, run: Run, outcome: Outcome) -> tuple[tuple[Finding, ...], list[str]]:
    """What monitors say of what came to readers; it may be in the history already."""
    release, state = outcome.release, workshop.state
    known = state.environment(run.environment)
    if release is None or known is None or known.live_release != release.id:
        return (), []
    datasets = [each.node for each in brought_by(outcome, state)]
    near = state.observations(run.environment, datasets, newest=1)
    seen = [each for (each,) in near.values() if each.run == run.id]
    if seen:
        return findings(state, workshop.project, seen), datasets
    return observe_release(workshop, outcome, run.verb)[0], datasets


def _verdicts(state: State, run: Run, release: Release | None) -> tuple[Verdict, ...]:
    """What checks said in a run of what it built or showed."""
    keys = {each.key for each in state.builds_since(run.started_at, run.id)}
    keys |= {mark.build_key for mark in state.marks(release.id).values()} if release else set()
    said = state.verdicts_between(run.started_at, _end(run))
    return tuple(each for each in said if keys & set(each.builds))


def _end(run: Run) -> datetime:
    return run.finished_at or utc_now()


def _plan(state: State, run: Run, release: Release | None) -> Plan:
    """As much of the plan as tells what readers see now and did not before."""
    shown = state.marks(release.id) if release else {}
    before = state.marks(release.parent) if release and release.parent is not None else {}
    new = [node for node, mark in shown.items() if node not in before or before[node].build_key != mark.build_key]
    steps = tuple(Step(node, "publish", "it was published") for node in new)
    return Plan(run.environment, cast(Verb, run.verb), steps=steps, only=frozenset(new))
