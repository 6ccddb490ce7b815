"""Notes what verbs found: incidents of it are opened, joined and resolved, and messages about them are queued."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from dryland.circumstances import Noting
from dryland.clock import utc_now
from dryland.errors import DrylandError
from dryland.state.incident_records import Track
from dryland.state.records import Release, Verdict
from dryland.watch.finding import Finding, FindingKind
from dryland.watch.report import Quiet, Report
from dryland.watch.triage import Change
from dryland.watch.verdicts import Looked
from dryland.workshop import Workshop

if TYPE_CHECKING:
    from dryland.artifacts.sources import Age

PATIENCE_S = 10.0  # for which a verb sends what is due before it ends; the rest is sent by `dryland alert send`


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
