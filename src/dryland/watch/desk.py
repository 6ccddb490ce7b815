"""Takes reports in: incidents, their history and the messages about them are written down in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dryland.state.incident_records import Delivery, Incident, Mute
from dryland.state.store import State
from dryland.watch.family import Family
from dryland.watch.report import Report
from dryland.watch.triage import REOPEN, Change, Described, triage

Queued = Callable[[Sequence[Change], Mapping[int, Mute]], Iterable[Delivery]]
"""The messages about some changes; of what is muted they wait until the mute with that number ends."""


def _nobody(changes: Sequence[Change], mutes: Mapping[int, Mute]) -> tuple[Delivery, ...]:
    return ()


@dataclass(frozen=True)
class Desk:
    """Where reports are taken in: the memory, and what is known of the project."""

    state: State
    family: Family
    described: Described
    muted: Callable[[Mute], frozenset[str]]  # the datasets that a mute is about
    queued: Queued = field(default=_nobody)
    reopen: timedelta = REOPEN
    warnings: bool = False  # whether a check's warning is an incident of its own

    def take_in(self, report: Report) -> tuple[Change, ...]:
        """Make incidents of a report; what changed, with its numbers."""
        if report.is_empty or not (report.findings or self.state.incidents(report.environment, is_open=True)):
            return ()  # the road of every good day: one question, and nothing is written
        with self.state.writing():
            known = self.state.incidents(report.environment, resolved_since=report.at - self.reopen)
            changes = triage(
                known, report, self.family, self.described, reopen=self.reopen, warnings=self.warnings
            )  # fmt: skip
            mutes = {each.id: each for each in self.state.mutes(report.at)} if changes else {}
            written = put_changes(self.state, [self._under_mute(each, mutes) for each in changes])
            self.state.add_deliveries(self.queued(written, mutes))
        return written

    def _under_mute(self, change: Change, mutes: Mapping[int, Mute]) -> Change:
        """Note the mute, if there is one, under which an incident begins or comes back."""
        if not change.kinds & {"opened", "reopened"}:
            return change
        incident = change.incident
        about = [
            each.id for each in mutes.values()
            if each.environment in ("", incident.environment) and incident.cause in self.muted(each)
        ]  # fmt: skip
        change.incident = replace(incident, muted_by=about[0] if about else None)
        return change


def put_changes(state: State, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Write down what changed, in a few statements however much it is; new incidents get their numbers."""
    new = [each for each in changes if each.before is None]
    for change, incident in zip(new, state.add_incidents([each.incident for each in new]), strict=True):
        change.incident = incident
        change.events = [replace(each, incident=incident.id) for each in change.events]
    state.put_incidents([each.incident for each in changes if each.before is not None])
    state.add_events([event for each in changes for event in each.events])
    return tuple(changes)


def acted(incident: Incident, kind: str, now: datetime, who: str, message: str = "") -> Change:
    """What a person does to an incident.

    Raises:
        ValueError: it is resolved already, or open already.
    """
    change = Change(incident, incident)
    if kind == "acknowledged":
        _verify(incident.is_open, incident)
        change.incident = replace(incident, status="acknowledged", assignee=incident.assignee or who)
    elif kind == "assigned":
        change.incident = replace(incident, assignee=message)
    elif kind == "resolved":
        _verify(incident.is_open, incident)
        change.incident = replace(incident, status="resolved", resolved_at=now)
    elif kind == "reopened":
        _verify(not incident.is_open, incident)
        symptoms = tuple(replace(each, gone_at=None) for each in incident.symptoms)
        change.incident = replace(incident, status="open", resolved_at=None, merged_into=None, symptoms=symptoms)
    change.note(kind, now, message, who)  # type: ignore[arg-type]
    return change


def _verify(is_so: bool, incident: Incident) -> None:
    if not is_so:
        raise ValueError(f"incident {incident.id} is {incident.status} already.")
