"""Finds the incidents that a page lists: those that somebody asks for, what is open first, with counts and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from dryland.state.incident_records import Incident
from dryland.state.observed import Alert
from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.incident_times import IncidentTimes, incident_times

LISTED_MAX = 50  # on one page
STATUSES = ("open", "acknowledged", "resolved")
SEVERITIES = ("error", "warn")
EVERYWHERE = "*"
TOLD_LATELY = timedelta(days=7)
ORDER: Mapping[str, int] = {"open": 0, "acknowledged": 1, "resolved": 2, "error": 0, "warn": 1}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; an empty word lets everything through."""

    status: str = ""
    severity: str = ""
    owner: str = ""
    where: str = ""  # empty: the environment that is looked at; `*`: all of them
    page: int = 1

    def lets_through(self, incident: Incident) -> bool:
        """Whether an incident is asked for."""
        owners = f"{incident.owner}\n{incident.assignee}".lower()
        return (
            self.status in ("", incident.status)
            and self.severity in ("", incident.severity)
            and self.owner.lower() in owners
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of them."""

    asked: Asked
    incidents: tuple[Incident, ...]
    total: int
    pages: int
    counts: Mapping[str, int]  # by status, of the environment and not of the filters
    times: IncidentTimes
    owners: tuple[str, ...] = field(default=())


def listed(state: State, environment: str, asked: Asked) -> Listing:
    """What is asked for, of one environment or of all: open first, then by severity, then the newest."""
    known = state.incidents("" if asked.where == EVERYWHERE else environment)
    found = in_order(each for each in known if asked.lets_through(each))
    pages = max(-(-len(found) // LISTED_MAX), 1)
    page = min(max(asked.page, 1), pages)
    counts: Counter[str] = Counter(each.status for each in known)
    owners = sorted({owner for each in known for owner in (each.owner, each.assignee) if owner})
    return Listing(
        Asked(asked.status, asked.severity, asked.owner, asked.where, page),
        found[(page - 1) * LISTED_MAX : page * LISTED_MAX], len(found), pages,
        {status: counts[status] for status in STATUSES}, incident_times(known), tuple(owners),
    )  # fmt: skip


def in_order(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Open first, then by severity, then the newest."""
    newest = sorted(incidents, key=lambda each: -each.id)
    return tuple(sorted(newest, key=lambda each: (ORDER.get(each.status, 9), ORDER.get(each.severity, 9))))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What somebody should know before he uses a dataset."""

    incidents: tuple[Incident, ...]  # that are open, and in which something is wrong with the dataset itself
    alerts: tuple[Alert, ...]  # of its monitors, of which nobody said anything; the newest first


def trouble_of(state: State, environment: str, dataset: str, *, now: datetime) -> Trouble:
    """What is wrong with a dataset, and what its monitors told lately."""
    open_ = state.incidents(environment, is_open=True)
    told = state.alerts(environment, [dataset], since=now - TOLD_LATELY).get(dataset, [])
    return Trouble(
        in_order(each for each in open_ if any(symptom.dataset == dataset for symptom in each.still)),
        tuple(each for each in reversed(told) if not each.feedback),
    )


def incidents_of_release(incidents: Iterable[Incident], release: int) -> tuple[Incident, ...]:
    """Those that a release has probably caused."""
    return tuple(each for each in incidents if each.probably.get("release") == release)
