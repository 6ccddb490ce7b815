"""Finds sources that are older than they may be, and datasets that are later than `meta: {sla: ...}` promises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dryland.project.nodes import Source
from dryland.project.project import Project
from dryland.release.environments import pointers_of
from dryland.state.store import State
from dryland.watch.finding import Finding, FindingSeverity
from dryland.watch.report import Quiet, Report

FRESHNESS, SLA = "freshness", "sla"
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(m|min|h|d)[a-z]*$", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?:\s+(\S+))?$")
UNIT_S = {"m": 60, "min": 60, "h": 3600, "d": 86_400}
RUNS_LOOKED_AT = 50


class Age(Protocol):
    """How old one source was found to be."""

    @property
    def source(self) -> Source:
        """Which one."""

    @property
    def status(self) -> str:
        """What that means: pass, warn or error."""

    @property
    def newest(self) -> datetime | None:
        """The time of its newest data."""

    @property
    def error(self) -> str:
        """Why that is not known."""


def report_of_ages(project: Project, environment: str, at: datetime, ages: Iterable[Age], state: State) -> Report:
    """What is too old, and what is not any more."""
    findings: list[Finding] = []
    quiet: list[Quiet] = []
    for age in ages:
        if age.status == "pass":
            quiet.append(Quiet(age.source.unique_id, "freshness", FRESHNESS))
        else:
            findings.append(_of_age(age, environment, at))
    for dataset, missed in _slas(project, environment, at, state):
        if missed is None:
            quiet.append(Quiet(dataset, "freshness", SLA))
        else:
            findings.append(missed)
    return Report(environment, at, tuple(findings), tuple(quiet), "it is fresh again")


def _of_age(age: Age, environment: str, at: datetime) -> Finding:
    severity: FindingSeverity = "warn" if age.status == "warn" else "error"
    if age.error or age.newest is None or age.newest.year == 1:
        said = f"cannot be asked how old it is: {age.error}" if age.error else "has no rows"
        since = None
    else:
        newest = age.newest.astimezone(UTC).replace(tzinfo=None)
        allowed = allowed_of(age.source.freshness, age.status)
        said = f"its newest data are of {newest:%Y-%m-%d %H:%M:%S} UTC, which is too old"
        since = newest + allowed if allowed is not None else None
    return Finding(
        environment, age.source.unique_id, "freshness", FRESHNESS, severity, at, said, since=since,
        evidence={"freshness": {key: dict(value) for key, value in age.source.freshness.items()
                                if isinstance(value, dict)}},
    )  # fmt: skip


def allowed_of(freshness: object, status: str) -> timedelta | None:
    """How old a source may be before it is said so.

    >>> allowed_of({"error_after": {"count": 2, "period": "hour"}}, "error")
    datetime.timedelta(seconds=7200)
    """
    limit = freshness.get(f"{status}_after") if isinstance(freshness, dict) else None
    if not isinstance(limit, dict) or not limit.get("count") or not limit.get("period"):
        return None
    return timedelta(**{f"{limit['period']}s": int(limit["count"])})


def _slas(
    project: Project, environment: str, at: datetime, state: State
) -> Iterator[tuple[str, Finding | None]]:  # fmt: skip
    promised = {uid: str(node.meta["sla"]) for uid, node in project.nodes.items() if node.meta.get("sla")}
    if not promised:
        return
    pointers = pointers_of(state, environment) or {}
    built = state.builds({pointers[uid].build_key for uid in promised if uid in pointers})
    refreshed = _refreshed_at(state, environment)
    for uid, sla in promised.items():
        pointer = pointers.get(uid)
        due = due_at(sla, at)
        if pointer is None or due is None or pointer.build_key not in built:
            continue
        made = built[pointer.build_key].created_at or datetime.min  # noqa: DTZ901 - times in the metadata have no zone
        seen = made if pointer.stale_since or refreshed is None else max(made, refreshed)
        late = seen < due
        yield uid, _missed(environment, uid, sla, seen, at) if late else None


def _refreshed_at(state: State, environment: str) -> datetime | None:
    """When the last refresh began that did not fail: what is not stale was as its sources were then."""
    runs = (each for each in state.runs(limit=RUNS_LOOKED_AT) if each.environment == environment)
    ended = (each for each in runs if each.verb == "run" and each.status in ("done", "refused"))
    return next((each.started_at for each in ended), None)


def _missed(environment: str, uid: str, sla: str, seen: datetime, at: datetime) -> Finding:
    said = f"promised for {sla}, and last refreshed at {seen:%Y-%m-%d %H:%M} UTC"
    return Finding(
        environment, uid, "freshness", SLA, "error", at, said, since=_since(sla, seen, at), evidence={"sla": sla},
    )  # fmt: skip


def _since(sla: str, seen: datetime, at: datetime) -> datetime:
    """When a promise was broken: when the data became too old, or at the time of day by which they should be there."""
    span, clock = SPAN.match(sla.strip()), CLOCK.match(sla.strip())
    if span:
        return seen + timedelta(seconds=float(span[1]) * UNIT_S[span[2].lower()])
    assert clock, f"`{sla}` was read before"
    begins = due_at(sla, at) or at
    return begins + timedelta(hours=int(clock[1]), minutes=int(clock[2]))


def due_at(sla: str, now: datetime) -> datetime | None:
    """The moment since which data must have been refreshed, at `now`; None where the text is no such promise.

    `7:00` and `7:00 Europe/Lisbon` promise today's data by that time; `24h` promises data no older than that.

    >>> due_at("24h", datetime(2026, 1, 2, 9)), due_at("7:00", datetime(2026, 1, 2, 9))
    (datetime.datetime(2026, 1, 1, 9, 0), datetime.datetime(2026, 1, 2, 0, 0))
    >>> due_at("7:00", datetime(2026, 1, 2, 6))
    datetime.datetime(2026, 1, 1, 0, 0)
    """
    if span := SPAN.match(sla.strip()):
        return now - timedelta(seconds=float(span[1]) * UNIT_S[span[2].lower()])
    if clock := CLOCK.match(sla.strip()):
        try:
            zone = ZoneInfo(clock[3]) if clock[3] else ZoneInfo("UTC")
            by = time(int(clock[1]), int(clock[2]))
        except (ZoneInfoNotFoundError, ValueError):
            return None
        local = now.replace(tzinfo=UTC).astimezone(zone)
        day = local.date() if local.time() >= by else local.date() - timedelta(days=1)
        return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
    return None
