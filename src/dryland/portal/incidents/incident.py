"""Tells one incident as its page shows it: what broke, the proof of it, what did it, who is hit, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dryland.portal.drawing.band import Band, Seen, band
from dryland.portal.drawing.time_line import TimeLine, time_line
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.incidents.cause import Cause, cause_of
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.incidents.hit import Hit, hit_by
from dryland.portal.incidents.last_good import Difference, Measured, difference
from dryland.state.history import Shown
from dryland.state.incident_records import Incident, IncidentEvent, Symptom
from dryland.state.records import Profile
from dryland.state.store import State
from dryland.values import dataclass

RELEASES_MAX = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is, or was, wrong, with what shows it."""

    symptom: Symptom
    rows: tuple[Mapping[str, Any], ...]  # as whoever looks sees them
    are_rows_kept_back: bool
    chart: Band | None  # of what a monitor measured


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is known of an incident."""

    incident: Incident
    events: tuple[IncidentEvent, ...]
    line: TimeLine
    problems: tuple[Problem, ...]
    cause: Cause
    hit: Hit
    difference: Difference | None  # from the last good build
    rows: Band | None  # of what readers saw, release by release


def story_of(
    state: State, catalogue: Catalogue, evidence: Evidence, incident: Incident, events: Sequence[IncidentEvent],
    now: datetime,
) -> Story:  # fmt: skip
    """Read it from the metadata, in a fixed number of queries."""
    lineage = {incident.cause, *catalogue.above(incident.cause)}
    with state.together():
        shown = state.shown(incident.environment, incident.cause)
        bad, good = compared_builds(incident, shown)
        keys = {each.build_key for each in shown} | {key for key in (bad, good) if key}
        profiles, builds = state.profiles(keys), state.builds({key for key in (bad, good) if key})
        released = {each.id: each.created_at for each in state.releases(incident.environment, limit=RELEASES_MAX)}
        cause = cause_of(incident, state, lineage, catalogue.once)
    known = {key: Measured(builds[key], profiles[key]) for key in builds.keys() & profiles.keys()}
    return Story(
        incident, tuple(events), time_line(incident, events, now),
        tuple(_problem(each, evidence) for each in incident.symptoms), cause, hit_by(incident, catalogue),
        difference(known[good], known[bad]) if good in known and bad in known and good != bad else None,
        _rows(shown, profiles, released, bad, incident.arrived_at),
    )  # fmt: skip


def compared_builds(incident: Incident, shown: Sequence[Shown]) -> tuple[str, str]:
    """The build in which it was seen first and the last good one before, as far as known; `shown` is newest first."""
    symptom = next((each for each in incident.symptoms if each.dataset == incident.cause), None)
    if symptom is None:
        return "", ""
    brought = incident.probably.get("release") if symptom.are_readers_hit else None
    at = brought if isinstance(brought, int) else symptom.release
    seen = next((each.build_key for each in shown if each.release == at), "")
    bad = str(symptom.evidence.get("build") or (seen if symptom.are_readers_hit else ""))
    if not symptom.are_readers_hit:
        return bad, seen
    before = (each.build_key for each in shown if at is not None and each.release < at and each.build_key != bad)
    return bad, next(before, "")


def _problem(symptom: Symptom, evidence: Evidence) -> Problem:
    rows = evidence.rows(symptom)
    return Problem(
        symptom, rows, bool(symptom.evidence.get("rows")) and not rows,
        _measured(symptom) if evidence.may_measure(symptom) else None,
    )  # fmt: skip


def _measured(symptom: Symptom) -> Band | None:
    """What a monitor measured before it told, with what was usual then."""
    said = symptom.evidence
    value, low, high = (_number(said.get(name)) for name in ("value", "low", "high"))
    if value is None:
        return None
    before = [
        Seen(datetime.fromisoformat(str(at)), float(number), low, high) for at, number in said.get("series") or ()
    ]
    return band([*before, Seen(symptom.first_at, value, low, high, is_told=True)])


def _rows(
    shown: Iterable[Shown], profiles: Mapping[str, Profile], released: Mapping[int, datetime], bad: str, at: datetime
) -> Band | None:
    builds = {each.build_key: each for each in shown if each.release in released and each.build_key in profiles}
    seen = [
        Seen(released[each.release], float(profiles[key].rows), is_told=key == bad) for key, each in builds.items()
    ][::-1]  # each build when readers saw it first
    if bad in profiles and not any(each.is_told for each in seen):
        seen = sorted([*seen, Seen(at, float(profiles[bad].rows), is_told=True)], key=lambda each: each.at)
    return band(seen)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
