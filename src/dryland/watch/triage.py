"""Makes incidents of what is reported: one for each cause, found again when it is seen again, over when all is quiet.

Values in, values out: the same incidents and the same report give the same changes, whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from dryland.state.incident_records import EventKind, Incident, IncidentEvent, Symptom, Track
from dryland.watch.family import Family
from dryland.watch.finding import Finding
from dryland.watch.report import Report, symptom_of, worst

REOPEN = timedelta(days=1)
WARNED_BY = ("gate", "check")  # kinds of finding whose `warn` says: look at it some day
Described = Callable[[Incident], Incident]
"""Fills in title, owner, tags, blast radius and probable cause of an incident whose cause is known."""


@dataclass
class Change:
    """An incident on its way from how it stood to how it will stand, and what is written into its history."""

    incident: Incident
    before: Incident | None = None  # None: it is new
    events: list[IncidentEvent] = field(default_factory=list)

    def note(self, kind: EventKind, at: datetime, message: str = "", who: str = "", **body: Any) -> None:
        """Write a line of history."""
        self.events.append(IncidentEvent(self.incident.id, at, kind, who, message, body))

    @property
    def kinds(self) -> frozenset[str]:
        """What happened."""
        return frozenset(each.kind for each in self.events)

    @property
    def is_worse(self) -> bool:
        """Whether it was a warning, and is none any more; or readers see now what they were kept from."""
        if self.before is None or not self.before.is_open or not self.incident.is_open:
            return False
        was, now = self.before, self.incident
        return (was.severity, now.severity) == ("warn", "error") or (now.are_readers_hit and not was.are_readers_hit)


def triage(
    known: Sequence[Incident], report: Report, family: Family, described: Described, *, reopen: timedelta = REOPEN,
    warnings: bool = False,
) -> tuple[Change, ...]:  # fmt: skip
    """What a report makes of the incidents of its environment: those that are open, and those resolved lately.

    `warnings`: a check of severity `warn` is an incident of its own. Otherwise it joins one that is there, and neither
    opens one nor keeps one open.
    """
    room = _Room(report, family, [Change(each, each) for each in known], warnings)
    room.hush()
    said = {(finding.identity, finding.track): finding for finding in report.findings}
    new = [finding for finding in said.values() if not room.is_seen_again(finding, reopen)]
    about: dict[str, list[Finding]] = {}
    for finding in new:
        about.setdefault(finding.dataset, []).append(finding)
    for dataset in family.downwards(about):
        for finding in about[dataset]:
            room.place(finding)
    room.settle()
    changed = [change for change in room.changes if change.events]
    for change in changed:
        if change.kinds & {"opened", "joined", "cause", "reopened"}:
            change.incident = described(change.incident)
    return tuple(changed)


@dataclass
class _Room:
    """Everything that is considered together."""

    report: Report
    family: Family
    changes: list[Change]
    warnings: bool

    def hush(self) -> None:
        """Note what is over."""
        for change in self.changes:
            if not change.incident.is_open:
                continue
            over = [each for each in change.incident.still if self._is_quiet(each, change.incident.track)]
            if over:
                gone = {each.identity for each in over}
                change.incident = _with(change.incident, gone, lambda each: replace(each, gone_at=self.report.at))
                for each in over:
                    change.note("gone", self.report.at, each.message, subject=each.subject, dataset=each.dataset)

    def _is_quiet(self, symptom: Symptom, track: Track) -> bool:
        if (*symptom.identity, track) in self._found:
            return False
        return symptom.last_at <= self.report.at and any(each.covers(symptom, track) for each in self.report.quiet)

    @cached_property
    def _found(self) -> frozenset[tuple[str, str, str, Track]]:
        return frozenset((*symptom_of(each).identity, each.track) for each in self.report.findings)

    def is_seen_again(self, finding: Finding, reopen: timedelta) -> bool:
        """Whether an incident has it already: one that is open, or was resolved a short while ago."""
        new, track = symptom_of(finding), finding.track
        having = [
            each for each in self.changes
            if each.incident.track == track and new.identity in {known.identity for known in each.incident.symptoms}
        ]  # fmt: skip
        for change in (each for each in having if each.incident.is_open):
            self._see_again(change, new)
            return True
        for change in having:
            ended = change.incident.resolved_at
            seen = max(each.last_at for each in change.incident.symptoms if each.identity == new.identity)
            if new.last_at <= seen:
                return True  # what was remembered of a table is not news
            if (
                ended is not None
                and self._matters(new)
                and finding.at - ended <= reopen
                and change.incident.merged_into is None
            ):
                self._see_again(change, new)
                change.incident = replace(change.incident, status="open", resolved_at=None)
                change.note("reopened", self.report.at, new.message)
                return True
        return False

    def _see_again(self, change: Change, new: Symptom) -> None:
        (old,) = (each for each in change.incident.symptoms if each.identity == new.identity)
        if old.gone_at is None and new.last_at <= old.last_at:
            return
        seen = replace(
            new, first_at=old.first_at, times=old.times + 1, since=old.since or new.since,
            are_readers_hit=old.are_readers_hit or new.are_readers_hit,
        )  # fmt: skip
        change.incident = _with(change.incident, {new.identity}, lambda _: seen)
        change.note("seen", new.last_at, new.message, subject=new.subject, dataset=new.dataset)

    def place(self, finding: Finding) -> None:
        """Let a new finding join the incident that explains it, or explain those that are there, or open one."""
        symptom, track = symptom_of(finding), finding.track
        open_ = sorted(
            (each for each in self.changes if each.incident.is_open and each.incident.track == track),
            key=lambda each: (each.incident.opened_at, each.incident.id or float("inf")),
        )
        above = {symptom.dataset, *self.family.above(symptom.dataset)}
        explained = [each for each in open_ if any(known.dataset in above for known in each.incident.still)]
        below = [each for each in open_ if self.family.is_above(symptom.dataset, each.incident.cause)]
        if explained or below:
            home = (explained or below)[0]
            self._join(home, symptom)
            for other in below:
                if other is not home:
                    self._merge(other, home)
            return
        if self._matters(symptom):
            self._open(symptom, track)

    def _matters(self, symptom: Symptom) -> bool:
        """Whether it is an incident by itself: what monitors and promises tell is one, a check's warning may not be."""
        return self.warnings or symptom.severity != "warn" or symptom.kind not in WARNED_BY

    def _open(self, symptom: Symptom, track: Track) -> None:
        incident = Incident(
            0, self.report.environment, track, "open", symptom.severity, symptom.dataset, self.report.at,
            symptoms=(symptom,),
        )  # fmt: skip
        change = Change(incident)
        change.note("opened", self.report.at, symptom.message, subject=symptom.subject, dataset=symptom.dataset)
        self.changes.append(change)

    def _join(self, home: Change, symptom: Symptom) -> None:
        home.incident = replace(home.incident, symptoms=(*home.incident.symptoms, symptom))
        if home.before is not None:  # of a new one it is part of the opening
            home.note("joined", self.report.at, symptom.message, subject=symptom.subject, dataset=symptom.dataset)

    def _merge(self, other: Change, home: Change) -> None:
        known = {each.identity for each in home.incident.symptoms}
        moved = tuple(each for each in other.incident.symptoms if each.identity not in known)
        home.incident = replace(home.incident, symptoms=(*home.incident.symptoms, *moved))
        home.note("joined", self.report.at, f"incident {other.incident.id} has the same cause")
        merged = home.incident.id or None
        other.incident = replace(
            other.incident, status="resolved", resolved_at=self.report.at, merged_into=merged
        )  # fmt: skip
        other.note("merged", self.report.at, f"it is part of incident {home.incident.id}", into=merged)

    def settle(self) -> None:
        """Resolve what has nothing left; of the rest say how bad it is, and what it comes from."""
        for change in self.changes:
            incident = change.incident
            if not incident.is_open or not change.events:
                continue
            if not any(map(self._matters, incident.still)):
                change.incident = replace(incident, status="resolved", resolved_at=self.report.at)
                change.note("resolved", self.report.at, self.report.why_quiet, who=self.report.who)
                continue
            cause = self._cause(incident)
            if cause != incident.cause:
                change.note("cause", self.report.at, cause, before=incident.cause)
            severity = worst(each.severity for each in incident.still)
            change.incident = replace(incident, cause=cause, severity=severity)

    def _cause(self, incident: Incident) -> str:
        """The most upstream of what fails still; of several the one that is the cause already, or that came first."""
        roots = self.family.roots([each.dataset for each in incident.still])
        if incident.cause in roots:
            return incident.cause
        first = {each.dataset: each.arrived_at for each in reversed(incident.still)}
        return min(roots, key=lambda each: (first[each], each))


def _with(
    incident: Incident, identities: Iterable[tuple[str, str, str]], told: Callable[[Symptom], Symptom]
) -> Incident:
    """The incident with some of its symptoms told anew."""
    among = set(identities)
    return replace(
        incident, symptoms=tuple(told(each) if each.identity in among else each for each in incident.symptoms)
    )  # fmt: skip
