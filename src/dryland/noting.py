"""Notes what verbs found: incidents of it are opened, joined and resolved, and messages about them are queued."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from dryland.circumstances import Noting
from dryland.clock import utc_now
from dryland.errors import DrylandError
from dryland.plan.plan import Plan
from dryland.release.carry_out import TO_NOTE
from dryland.release.outcome import Outcome
from dryland.state.incident_records import Track
from dryland.state.records import Release, Run, Verdict
from dryland.state.store import State
from dryland.timings import timed
from dryland.watch.finding import Finding, FindingKind
from dryland.watch.observe import brought_by
from dryland.watch.outcomes import report_of
from dryland.watch.report import Quiet, Report
from dryland.watch.shapes import drift, shapes_of
from dryland.watch.triage import Change
from dryland.watch.verdicts import Looked
from dryland.workshop import Workshop

if TYPE_CHECKING:
    from dryland.artifacts.sources import Age

NOTED = "noted"  # in the summary of a run that never ended: what it left was picked up
PATIENCE_S = 10.0  # for which a verb sends what is due before it ends; the rest is sent by `dryland alert send`


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


def note_dropped(workshop: Workshop, environment: str) -> None:
    """Nothing is wrong any more with an environment that is not there."""
    everything = tuple(Quiet("", kind, track=track) for kind in get_args(FindingKind) for track in get_args(Track))
    noting = Noting(workshop, environment, utc_now())
    noting.take_in(Report(environment, noting.at, (), everything, "the environment was dropped"))


def note_verdicts(workshop: Workshop, environment: str, verdicts: Sequence[Verdict]) -> tuple[Change, ...]:
    """Make incidents of what checks said of what readers see."""
    noting = Noting(workshop, environment, utc_now())
    if all(each.status == "pass" for each in verdicts):
        if not workshop.state.incidents(environment, is_open=True):
            return ()
        looked = Looked(workshop.project, environment, noting.at, {})
        report = Report(environment, noting.at, (), looked.quiet(verdicts), "its checks pass")
        return noting.take_in(report)
    bad = [dataset for each in verdicts if each.status != "pass" for dataset in _about(workshop, each)]
    since = {node: each.at for node, each in noting.shown(bad).items()}
    since |= {source: noting.loads[source] for source in bad if source in noting.loads}
    looked = noting.looked(since=since)
    return noting.take_in(
        Report(environment, noting.at, looked.findings(verdicts), looked.quiet(verdicts), "its checks pass")
    )


def note_findings(
    workshop: Workshop, environment: str, findings: Sequence[Finding], quiet: Sequence[Quiet], *, why: str
) -> tuple[Change, ...]:
    """Make incidents of what monitors found; `quiet` is what they looked at and is right, `why` says who says so."""
    noting = Noting(workshop, environment, utc_now())
    return noting.take_in(Report(environment, noting.at, tuple(findings), tuple(quiet), why))


def note_way_back(workshop: Workshop, release: Release) -> tuple[dict[str, object], ...]:
    """What monitors said of builds that readers see no more is over."""
    noting = Noting(workshop, release.environment, utc_now())
    open_ = workshop.state.incidents(release.environment, is_open=True)
    ended = ("monitor", "schema")  # what is late stays late
    seen = {(each.dataset, each.release) for incident in open_ for each in incident.still if each.kind in ended}
    before = {number: workshop.state.pointers(number) for number in {each for _, each in seen} if number is not None}
    gone = {
        dataset for dataset, number in seen
        if number in before and dataset in before[number]
        and before[number][dataset].build_key != noting.live.get(dataset)
    }  # fmt: skip
    quiet = tuple(
        each for dataset in sorted(gone) for each in (Quiet(dataset, "monitor"), Quiet(dataset, "schema", "schema"))
    )
    why = f"release {release.id} brought back what readers saw before"
    return tuple(as_told(each) for each in noting.take_in(Report(release.environment, noting.at, (), quiet, why)))


def note_noticed(
    workshop: Workshop, environment: str, noticed: Sequence[Finding], datasets: Iterable[str]
) -> tuple[Change, ...]:
    """Make incidents of what monitors said of these datasets, all that they looked at."""
    return note_findings(workshop, environment, noticed, _quiet(datasets), why="its monitors say nothing more")


def _quiet(datasets: Iterable[str]) -> list[Quiet]:
    """What monitors may have said of datasets before."""
    kinds: tuple[tuple[FindingKind, str], ...] = (("monitor", ""), ("freshness", "freshness"), ("schema", "schema"))
    return [Quiet(dataset, kind, subject) for dataset in datasets for kind, subject in kinds]


def with_noticed(report: Report, noticed: Sequence[Finding], datasets: Iterable[str]) -> Report:
    """The report with what monitors said, and with what they say no more."""
    return replace(report, findings=(*report.findings, *noticed), quiet=(*report.quiet, *_quiet(datasets)))


def note_ages(workshop: Workshop, environment: str, ages: Sequence[Age]) -> tuple[Change, ...]:
    """Make incidents of sources that are too old, and of datasets that are later than promised."""
    from dryland.watch.lateness import report_of_ages

    noting = Noting(workshop, environment, utc_now())
    return noting.take_in(report_of_ages(workshop.project, environment, noting.at, ages, workshop.state))


def post_due(workshop: Workshop, *, patience_s: float = PATIENCE_S) -> tuple[str, ...]:
    """Send what is due, as long as somebody is alerted at all; a sentence for each message."""
    if not workshop.written.settings.alerting.routes:
        return ()
    from dryland.watch.post import Post

    try:
        return tuple(str(each) for each in Post(workshop.state, workshop.written, utc_now, patience_s).send_due())
    except DrylandError as error:
        return (f"could not send alerts: {error.message}",)


def _about(workshop: Workshop, verdict: Verdict) -> tuple[str, ...]:
    check = workshop.project.checks.get(verdict.check)
    return (check.node,) if check and check.node else check.refs if check else ()


def arrived(noting: Noting, datasets: Iterable[str]) -> dict[str, datetime]:
    """When the newest data behind datasets arrived: the youngest load above each."""
    found: dict[str, datetime] = {}
    for node in datasets:
        above = [noting.loads[each] for each in (node, *noting.family.above(node)) if each in noting.loads]
        if above:
            found[node] = max(above)
    return found


def _with_drift(noting: Noting, report: Report, *, is_published: bool) -> Report:
    """The report with what sources lost since the last release; what they have is remembered when that is published."""
    workshop = noting.workshop
    if not workshop.project.sources or (noting.plan is not None and noting.plan.is_empty):
        return report
    now_, before = shapes_of(workshop.source_columns), workshop.state.source_shapes(report.environment)
    found = drift(report, workshop.project, before, now_, noting._meanings, is_published=is_published)
    if is_published and now_ != {source: before.get(source) for source in now_}:
        workshop.state.put_source_shapes(report.environment, now_)
    return replace(report, findings=(*report.findings, *found.findings), quiet=(*report.quiet, *found.quiet))


def as_told(change: Change) -> dict[str, object]:
    """What an outcome says of an incident, as plain data."""
    kinds = change.kinds
    known = ("opened", "reopened", "resolved", "merged", "joined", "seen")
    happened = next((kind for kind in known if kind in kinds), "changed")
    incident = change.incident
    return {
        "id": incident.id, "change": happened, "title": incident.title, "severity": incident.severity,
        "owner": incident.assignee or incident.owner, "status": incident.status,
    }  # fmt: skip
