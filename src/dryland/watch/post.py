"""Sends what is due: takes messages from the queue, hands them to their channels, and writes down what came of it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module

from dryland.digest import digest
from dryland.project.alerting import Channel, Route
from dryland.project.project import Project
from dryland.state.incident_records import Delivery, Incident
from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.alerting import BAD, after_quiet
from dryland.watch.channels.sending import RefusedError, Sending
from dryland.watch.message import Message, message_of
from dryland.watch.telling import told

TRIES = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 3_600.0
TAKEN_AT_ONCE = 50
Send = Callable[[Channel, Message, Sending], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one message, of one delivery or of several together."""

    route: str
    channel: str
    deliveries: tuple[int, ...]
    status: str  # sent, waiting (it is tried again) or failed
    error: str = ""
    subject: str = ""

    def __str__(self) -> str:
        many = f" ({len(self.deliveries)} together)" if len(self.deliveries) > 1 else ""
        if self.status == "sent":
            return f"alerted {self.channel}{many}: {self.subject}"
        again = "; it is tried again" if self.status == "waiting" else ""
        return f"could not alert {self.channel}{many}: {self.error}{again}"


@dataclass
class Post:
    """Whoever sends. `clock` gives the time in UTC without a zone, as in the metadata."""

    state: State
    project: Project
    clock: Callable[[], datetime]
    patience_s: float = 60.0  # after which no other message is begun: a release is not kept waiting
    channels: Mapping[str, Channel] = field(init=False)

    def __post_init__(self) -> None:
        self.channels = self.project.settings.alerting.channels

    def send_due(self) -> tuple[Sent, ...]:
        """Send everything that is due; nothing that goes wrong with a channel goes beyond it."""
        began, said = self.clock(), []
        while self._is_time(began) and (taken := self.state.take_due(self.clock(), limit=TAKEN_AT_ONCE)):
            for route, channel, group in self._groups(self._that_matter(taken)):
                if not self._is_time(began):
                    self._put_back(group)
                    continue
                said.append(self._send(route, channel, group))
        return tuple(said)

    def _is_time(self, began: datetime) -> bool:
        return (self.clock() - began).total_seconds() <= self.patience_s

    def _put_back(self, group: Sequence[Delivery]) -> None:
        now = self.clock()
        self.state.end_deliveries([each.id for each in group], "waiting", now, due_at=now)

    def _that_matter(self, taken: Sequence[Delivery]) -> list[Delivery]:
        """Those that have something to say still: no reminder of what is over, none of what a mute covered."""
        now, ids = self.clock(), {each.incident for each in taken if each.incident is not None}
        incidents = {each.id: each for each in self.state.incidents(ids=ids)} if ids else {}
        idle = [each.id for each in taken if _is_idle(each, incidents)]
        if idle:
            self.state.end_deliveries(idle, "dropped", now)
        left = [each for each in taken if each.id not in set(idle)]
        return [_as_it_is(each, incidents, self.project) for each in left]

    def _groups(self, deliveries: Sequence[Delivery]) -> Iterator[tuple[str, str, list[Delivery]]]:
        groups: dict[tuple[str, str], list[Delivery]] = {}
        for each in deliveries:
            groups.setdefault((each.route, each.channel), []).append(each)
        for (route, channel), group in groups.items():
            yield route, channel, group

    def _send(self, route: str, name: str, group: Sequence[Delivery]) -> Sent:
        ids, message = tuple(each.id for each in group), message_of(group)
        channel = self.channels.get(name)
        if channel is None:
            return self._failed(route, name, ids, "dryland.yml has no channel of that name any more")
        try:
            self._sender(channel)(channel, message, self._sending())
        except RefusedError as error:
            return self._failed(route, name, ids, str(error))
        except OSError as error:  # smtplib's are too, and those of TLS, of which some are of ValueError as well
            return self._again(route, name, group, _reason(error))
        except ValueError as error:  # it cannot be written as a message, or is no address
            return self._failed(route, name, ids, _reason(error))
        except Exception as error:  # of a service that apprise speaks to: never more than this message
            return self._again(route, name, group, type(error).__name__)
        with self.state.writing():
            self.state.end_deliveries(ids, "sent", self.clock())
            self.state.add_deliveries(self._reminders(route, group))
        return Sent(route, name, ids, "sent", subject=message.subject)

    def _failed(self, route: str, channel: str, ids: tuple[int, ...], error: str) -> Sent:
        self.state.end_deliveries(ids, "failed", self.clock(), error=error)
        return Sent(route, channel, ids, "failed", error)

    def _again(self, route: str, channel: str, group: Sequence[Delivery], error: str) -> Sent:
        """Try again later, a little later each time; give up in the end."""
        now, ids = self.clock(), tuple(each.id for each in group)
        tried = max(each.attempts for each in group) + 1
        if tried >= TRIES:
            return self._failed(route, channel, ids, f"{error}; given up after {tried} attempts")
        wait_s = min(FIRST_WAIT_S * 2 ** (tried - 1), LONGEST_WAIT_S)
        due = now + timedelta(seconds=wait_s)
        self.state.end_deliveries(ids, "waiting", now, error=error, due_at=due)
        return Sent(route, channel, ids, "waiting", error)

    def _reminders(self, name: str, group: Sequence[Delivery]) -> list[Delivery]:
        route = next((each for each in self.project.settings.alerting.routes if each.name == name), None)
        if route is None or not route.remind_s:
            return []
        return [self._reminder(route, each) for each in group if each.event == "reminder"]

    def _reminder(self, route: Route, sent: Delivery) -> Delivery:
        now = self.clock()
        due = now + timedelta(seconds=route.remind_s)
        if route.quiet is not None and not (route.quiet.let_through == "error" and sent.severity == "error"):
            due = after_quiet(due, route.quiet)
        return replace(sent, id=0, status="waiting", created_at=now, due_at=due, attempts=0, unheard=0, error="")

    def _sender(self, channel: Channel) -> Send:
        send: Send = import_module(f"dryland.watch.channels.{channel.kind}").send  # the one in use alone
        return send

    def _sending(self) -> Sending:
        return Sending(
            self.project.root, self.project.settings.alerting, self.clock().replace(tzinfo=UTC),
            digest([self.project.name, str(self.project.root)])[:8],
        )  # fmt: skip


def _is_idle(delivery: Delivery, incidents: Mapping[int, Incident]) -> bool:
    if delivery.incident is None:
        return False
    incident = incidents.get(delivery.incident)
    if incident is None:
        return True
    if delivery.event == "reminder":
        return incident.status != "open"
    return bool(delivery.body.get("muted")) and delivery.event in BAD and not incident.is_open


def _as_it_is(delivery: Delivery, incidents: Mapping[int, Incident], project: Project) -> Delivery:
    """A reminder tells how the incident stands now."""
    if delivery.event != "reminder" or delivery.incident is None:
        return delivery
    return replace(delivery, body={**delivery.body, "incident": told(incidents[delivery.incident], project)})


def _reason(error: Exception) -> str:
    """What went wrong, never with an address in it: that may hold a secret."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPException):
        return type(error).__name__
    reason = getattr(error, "reason", None)
    if isinstance(reason, OSError):
        error = reason
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    return text if text.startswith(("it answered", "the service")) else type(error).__name__
