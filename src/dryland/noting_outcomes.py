"""Notes how a release or a refresh ended: incidents of it are opened, joined and resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dryland.circumstances import Noting
from dryland.clock import utc_now
from dryland.errors import DrylandError
from dryland.noting import arrived, as_told, with_noticed
from dryland.plan.plan import Plan
from dryland.release.carry_out import TO_NOTE
from dryland.release.outcome import Outcome
from dryland.state.records import Run
from dryland.state.store import State
from dryland.timings import timed
from dryland.watch.finding import Finding
from dryland.watch.observe import brought_by
from dryland.watch.outcomes import report_of
from dryland.watch.report import Quiet, Report
from dryland.watch.shapes import drift, shapes_of
from dryland.workshop import Workshop

NOTED = "noted"  # in the summary of a run that never ended: what it left was picked up


@timed("incidents")
def note_outcome(workshop: Workshop, plan: Plan, outcome: Outcome, noticed: Sequence[Finding] = ()) -> Outcome:
    """The outcome with the incidents that it opened, joined or resolved; that it cannot be noted stops nothing.

    `noticed` is what monitors said of what was built.
    """
    try:
        noting = Noting(workshop, outcome.environment, utc_now(), plan, plan.verb)
        report, noticed = Report(outcome.environment, noting.at), _dated(noticed, noting, outcome)
        if not _is_good(outcome) or workshop.state.incidents(outcome.environment, is_open=True):
            report = with_noticed(
                _reported(noting, plan, outcome), noticed, [each.node for each in brought_by(outcome, workshop.state)]
            )
        elif noticed:
            report = with_noticed(report, noticed, ())
        is_left = not report.is_empty
        changes = noting.take_in(_with_drift(noting, report, is_published=outcome.status in ("published", "nothing")))
        if is_left or outcome.release is not None:
            _say_noted(workshop, outcome)
    except DrylandError as error:
        told = f"could not note incidents: {error.message}"
        return replace(outcome, delivered=(*outcome.delivered, told))
    return replace(outcome, incidents=tuple(as_told(each) for each in changes))


def _dated(noticed: Sequence[Finding], noting: Noting, outcome: Outcome) -> tuple[Finding, ...]:
    """What monitors said, with when it came to readers: with the release of code, or with the load behind a refresh."""
    if not noticed or outcome.release is None:
        return tuple(noticed)
    if noting.verb == "apply":
        since = dict.fromkeys((each.dataset for each in noticed), outcome.release.created_at)
    else:
        since = arrived(noting, [each.dataset for each in noticed])
    kept = ("freshness",)  # what is late began when it was due
    return tuple(
        each if each.kind in kept else replace(each, since=since.get(each.dataset, each.since)) for each in noticed
    )


def note_done(state: State, run: Run) -> None:
    """Remember that nothing of a run is left to be noted."""
    summary = {name: value for name, value in run.summary.items() if name != TO_NOTE}
    state.put_summary(run.id, summary if run.summary.get(TO_NOTE) else {**summary, NOTED: True})


def _say_noted(workshop: Workshop, outcome: Outcome) -> None:
    """Have nobody pick up what was noted."""
    number = outcome.release.run_id if outcome.release else next((step.run_id for step in outcome.steps), None)
    run = workshop.state.run(number) if number is not None else None
    if run is not None and run.summary.get(TO_NOTE):
        note_done(workshop.state, run)


def _is_good(outcome: Outcome) -> bool:
    """Whether nothing at all is wrong: on every good day one question is enough."""
    is_whole = not (outcome.blocked or outcome.error or outcome.hooks_failed)
    return is_whole and all(each.status == "pass" for each in outcome.verdicts)


def _reported(noting: Noting, plan: Plan, outcome: Outcome) -> Report:
    is_load = plan.verb == "run" and bool(outcome.blocked or outcome.error)
    since = arrived(noting, outcome.blocked) if is_load else {}
    looked = noting.looked(
        is_out=outcome.status not in ("refused", "failed"), held=frozenset(outcome.blocked),
        run=next((step.run_id for step in outcome.steps), None), since=since,
    )  # fmt: skip
    report = report_of(outcome, plan, looked)
    if plan.verb == "apply" and plan.only is None and outcome.status in ("published", "nothing"):
        return replace(report, quiet=(*report.quiet, *_left(noting)))
    return report


def _left(noting: Noting) -> tuple[Quiet, ...]:
    """What is said by a check, or of a dataset, that the released project does not have any more."""
    project = noting.workshop.project
    asked, there = {**project.checks, **project.unit_tests}, {**project.nodes, **project.sources}
    return tuple(
        Quiet(each.dataset, each.kind, each.subject, incident.track)  # type: ignore[arg-type]
        for incident in noting.workshop.state.incidents(noting.environment, is_open=True)
        for each in incident.still
        if (each.subject.startswith(("test.", "unit_test.")) and each.subject not in asked)
        or (each.dataset not in there and not each.dataset.startswith("project."))
    )


def _with_drift(noting: Noting, report: Report, *, is_published: bool) -> Report:
    """The report with what sources lost since the last release; what they have is remembered when that is published."""
    workshop = noting.workshop
    if not workshop.project.sources or (noting.plan is not None and noting.plan.is_empty):
        return report
    now_, before = shapes_of(workshop.source_columns), workshop.state.source_shapes(report.environment)
    found = drift(report, workshop.project, before, now_, noting.meanings, is_published=is_published)
    if is_published and now_ != {source: before.get(source) for source in now_}:
        workshop.state.put_source_shapes(report.environment, now_)
    return replace(report, findings=(*report.findings, *found.findings), quiet=(*report.quiet, *found.quiet))
