"""Defines what is remembered of what went wrong: incidents with their symptoms and history, mutes, and messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from dryland.values import dataclass

IncidentStatus = Literal["open", "acknowledged", "resolved"]
Track = Literal["data", "release"]
"""What an incident is about: data that readers see or wait for, or a release that they were kept from."""
EventKind = Literal[
    "opened", "joined", "seen", "gone", "cause", "acknowledged", "assigned", "commented", "resolved", "reopened",
    "merged",
]  # fmt: skip
DeliveryStatus = Literal["waiting", "sending", "sent", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that is, or was, wrong with one dataset, and how often it was seen."""

    dataset: str  # unique id
    kind: str
    subject: str  # unique id of a check, or name of what else said so
    severity: str
    message: str
    first_at: datetime
    last_at: datetime
    times: int = 1
    since: datetime | None = None  # when what is wrong arrived
    are_readers_hit: bool = True
    release: int | None = None
    run: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    gone_at: datetime | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same when it is seen again; the environment and the track are the incident's."""
        return (self.dataset, self.kind, self.subject)

    @property
    def arrived_at(self) -> datetime:
        """When it began, as far as data tell."""
        return min(self.since or self.first_at, self.first_at)


@dataclass(frozen=True, slots=True)
class Incident:
    """Everything that went wrong for one cause."""

    id: int  # 0 before it is written down
    environment: str
    track: Track
    status: IncidentStatus
    severity: str
    cause: str  # unique id of the most upstream failing dataset
    opened_at: datetime
    title: str = ""
    owner: str = ""
    assignee: str = ""  # a person said who looks after it
    resolved_at: datetime | None = None
    symptoms: tuple[Symptom, ...] = ()
    hit: Mapping[str, Any] = field(default_factory=dict)  # blast radius: datasets, columns, exposures, consumers
    probably: Mapping[str, Any] = field(default_factory=dict)  # what did it, and why we think so
    tags: tuple[str, ...] = ()
    merged_into: int | None = None
    muted_by: int | None = None  # the mute under which it began

    @property
    def is_open(self) -> bool:
        """Whether somebody has to do something still."""
        return self.status != "resolved"

    @property
    def still(self) -> tuple[Symptom, ...]:
        """What is wrong still."""
        return tuple(each for each in self.symptoms if each.gone_at is None)

    @property
    def are_readers_hit(self) -> bool:
        """Whether readers ever saw it."""
        return any(each.are_readers_hit for each in self.symptoms)

    @property
    def arrived_at(self) -> datetime:
        """When what is wrong arrived."""
        return min((each.arrived_at for each in self.symptoms), default=self.opened_at)

    @property
    def seen_at(self) -> datetime:
        """When it was first seen."""
        return min((each.first_at for each in self.symptoms), default=self.opened_at)

    @property
    def safe_at(self) -> datetime | None:
        """When readers were safe: from the beginning where the gate kept it from them, None while they are not."""
        hitting = [each for each in self.symptoms if each.are_readers_hit]
        if not hitting:
            return self.arrived_at
        if self.status == "resolved":
            return max(each.gone_at or self.resolved_at or each.last_at for each in hitting)
        gone = [each.gone_at for each in hitting]
        return max(each for each in gone if each) if all(gone) else None

    @property
    def detect_s(self) -> float:
        """Seconds from when it arrived to when it was seen."""
        return (self.seen_at - self.arrived_at).total_seconds()

    @property
    def resolve_s(self) -> float | None:
        """Seconds from when it was seen to when it was resolved; None while it is not."""
        return (self.resolved_at - self.seen_at).total_seconds() if self.resolved_at else None

    @property
    def hit_s(self) -> float | None:
        """Seconds for which readers saw it; None while they do."""
        return (self.safe_at - self.arrived_at).total_seconds() if self.safe_at else None


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One line of an incident's history, which is only ever added to."""

    incident: int
    at: datetime
    kind: EventKind
    who: str = ""
    message: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mute:
    """A window of maintenance: what begins in it is remembered, and nobody is alerted before it ends."""

    id: int
    environment: str
    selector: str
    since: datetime
    until: datetime
    who: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one channel."""

    id: int
    incident: int | None
    event: str  # opened, reopened, worse, resolved, reminder or test
    route: str
    channel: str
    status: DeliveryStatus
    created_at: datetime
    due_at: datetime
    severity: str = "error"
    attempts: int = 0  # that were begun
    unheard: int = 0  # of which nothing was heard: whoever made them ended in between
    sent_at: datetime | None = None
    error: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
