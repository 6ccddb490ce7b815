"""Decides who is told of an incident, and when: routes, quiet hours, digests, throttling and reminders."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dryland.project.alerting import QuietHours, Route
from dryland.project.project import Project
from dryland.state.incident_records import Delivery, Incident, Mute
from dryland.state.store import State
from dryland.watch.telling import told
from dryland.watch.triage import Change

BAD = ("opened", "reopened", "worse")


def event_of(change: Change) -> str:
    """What there is to tell of a change; empty when nothing is."""
    kinds = change.kinds
    if "opened" in kinds or "reopened" in kinds:
        return "opened" if "opened" in kinds else "reopened"
    if "resolved" in kinds:
        return "resolved"
    return "worse" if change.is_worse else ""


def queued_for(
    project: Project, now: datetime, state: State
) -> Callable[[Sequence[Change], Mapping[int, Mute]], Iterable[Delivery]]:
    """What puts the messages about changes into the queue."""

    def queued(changes: Sequence[Change], mutes: Mapping[int, Mute]) -> Iterable[Delivery]:
        events = {change.incident.id: event_of(change) for change in changes}
        to_tell = [change.incident for change in changes if events[change.incident.id]]
        if not to_tell or not project.settings.alerting.routes:
            return ()
        before = state.deliveries(incidents=[each.id for each in to_tell], limit=None)
        queueing = Queueing(project, now, state.last_due(), mutes, _known(before))
        return [made for each in to_tell for made in queueing.deliveries(each, events[each.id])]

    return queued


@dataclass
class Queueing:
    """What is known while messages are put into the queue."""

    project: Project
    now: datetime
    last: dict[tuple[str, str], datetime]  # (route, channel) -> when its last message was, or will be, due
    mutes: Mapping[int, Mute]
    known: frozenset[tuple[int, str, str]]  # (incident, route, channel) that was told already, or will be

    def deliveries(self, incident: Incident, event: str) -> Iterator[Delivery]:
        """The messages about one event, each with the moment at which it is due."""
        for route in self.project.settings.alerting.routes:
            if event not in route.on or not matches(route, incident, self.project):
                continue
            for channel in route.channels:
                if event == "resolved" and (incident.id, route.name, channel) not in self.known:
                    continue  # nobody there knows that anything was wrong
                yield self._delivery(incident, event, route, channel)
                if event in BAD and route.remind_s:
                    due = self.now + timedelta(seconds=route.remind_s)
                    yield self._delivery(incident, "reminder", route, channel, due=due)

    def _delivery(
        self, incident: Incident, event: str, route: Route, channel: str, due: datetime | None = None
    ) -> Delivery:
        mute = self.mutes.get(incident.muted_by or 0) if event in BAD else None
        if due is None:
            after = max(self.now, mute.until) if mute else self.now
            due = due_at(route, after, incident.severity, self.last.get((route.name, channel)))
            self.last[route.name, channel] = due
        body = {"incident": told(incident, self.project), "muted": mute.id if mute else None}
        return Delivery(
            0, incident.id, event, route.name, channel, "waiting", self.now, due, severity=incident.severity, body=body,
        )  # fmt: skip


def _known(deliveries: Iterable[Delivery]) -> frozenset[tuple[int, str, str]]:
    """Who was told of what, or will be; what waits for a mute to end is told to nobody when it is over before."""
    return frozenset(
        (each.incident or 0, each.route, each.channel)
        for each in deliveries
        if each.event in BAD and each.status != "dropped" and not (each.body.get("muted") and each.status == "waiting")
    )


def matches(route: Route, incident: Incident, project: Project) -> bool:
    """Whether a route is for an incident."""
    environments = route.environments or (project.settings.default_environment,)
    people = f"{incident.owner}\n{incident.assignee}".lower()  # who gets it keeps nobody else from hearing of it
    return (
        ("*" in environments or incident.environment in environments)
        and (not route.severities or incident.severity in route.severities)
        and (not route.owners or any(each.lower() in people for each in route.owners))
        and (not route.tags or bool(set(route.tags) & set(incident.tags)))
        and (not route.kinds or bool(set(route.kinds) & {each.kind for each in incident.symptoms}))
    )


def due_at(route: Route, now: datetime, severity: str, last: datetime | None) -> datetime:
    """When a message of a route may go out: not too soon after the last one, with its digest, after quiet hours."""
    due = now
    if last is not None and route.throttle_s:
        due = max(due, last + timedelta(seconds=route.throttle_s))
    if route.digest_s:
        due = _next_multiple(due, route.digest_s)
    if route.quiet is not None and not (route.quiet.let_through == "error" and severity == "error"):
        due = after_quiet(due, route.quiet)
    return due


def _next_multiple(moment: datetime, span_s: float) -> datetime:
    """The next full multiple of a span since midnight of 1970, so that everybody's digest is the same one.

    >>> _next_multiple(datetime(2026, 1, 2, 3, 4), 3600)
    datetime.datetime(2026, 1, 2, 4, 0)
    """
    seconds = moment.replace(tzinfo=UTC).timestamp()
    return datetime.fromtimestamp(math.ceil(seconds / span_s) * span_s, UTC).replace(tzinfo=None)


def after_quiet(moment: datetime, quiet: QuietHours) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls into; both in UTC.

    >>> from datetime import time
    >>> after_quiet(datetime(2026, 7, 2, 22, 30), QuietHours(time(22), time(7), "Europe/Lisbon"))
    datetime.datetime(2026, 7, 3, 6, 0)
    """
    zone = ZoneInfo(quiet.zone)
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    clock = local.time()
    is_over_night = quiet.start > quiet.end
    is_late = clock >= quiet.start
    is_quiet = (is_late or clock < quiet.end) if is_over_night else quiet.start <= clock < quiet.end
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=1) if is_over_night and is_late else local.date()
    return datetime.combine(day, quiet.end, zone).astimezone(UTC).replace(tzinfo=None)
