"""Puts an incident into plain data with stable keys, as machines and messages get it: no row of data is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dryland.project.project import Project
from dryland.state.incident_records import Incident, Symptom

HIT_MAX = 20


def told(incident: Incident, project: Project) -> dict[str, Any]:
    """What is told of an incident to people and programs outside."""
    hit = incident.hit
    datasets = [each["name"] for each in hit.get("datasets", ())]
    url = project.settings.alerting.portal_url
    return {
        "id": incident.id,
        "environment": incident.environment,
        "project": project.name,
        "title": incident.title,
        "status": incident.status,
        "severity": incident.severity,
        "owner": incident.assignee or incident.owner,
        "dataset": project.name_of(incident.cause),
        "about": incident.track,
        "are_readers_hit": incident.are_readers_hit and incident.safe_at is None,
        "were_readers_hit": incident.are_readers_hit,
        "problems": [_problem(each, project) for each in incident.symptoms],
        "hit": {
            "datasets": datasets[:HIT_MAX],
            "datasets_count": len(datasets),
            "exposures": [{"name": e["name"], "owner": e["owner"]} for e in hit.get("exposures", ())][:HIT_MAX],
            "consumers": list(hit.get("consumers", ()))[:HIT_MAX],
        },
        "probably": {key: incident.probably.get(key, "") for key in ("what", "why", "do")},
        "arrived_at": moment(incident.arrived_at),
        "seen_at": moment(incident.seen_at),
        "safe_at": moment(incident.safe_at),
        "opened_at": moment(incident.opened_at),
        "resolved_at": moment(incident.resolved_at),
        "detect_s": seconds(incident.detect_s),
        "resolve_s": seconds(incident.resolve_s),
        "hit_s": seconds(incident.hit_s) if incident.are_readers_hit else 0.0,
        "url": f"{url}/incidents/{incident.id}" if url else "",
    }


def full(incident: Incident, project: Project) -> dict[str, Any]:
    """The same with what only those see who may see the project: evidence, columns that are hit, what is merged."""
    problems = [{**_problem(each, project), "evidence": dict(each.evidence)} for each in incident.symptoms]
    return {
        **told(incident, project), "problems": problems, "hit": dict(incident.hit), "probably": dict(incident.probably),
        "tags": list(incident.tags), "cause": incident.cause, "merged_into": incident.merged_into,
        "assignee": incident.assignee, "muted_by": incident.muted_by,
    }  # fmt: skip


def _problem(each: Symptom, project: Project) -> dict[str, Any]:
    return {
        "dataset": project.name_of(each.dataset), "kind": each.kind, "subject": each.subject,
        "severity": each.severity, "message": each.message, "first_at": moment(each.first_at),
        "last_at": moment(each.last_at), "times": each.times, "gone_at": moment(each.gone_at),
        "release": each.release, "run": each.run,
    }  # fmt: skip


def moment(at: datetime | None) -> str | None:
    """A time as machines read it, in UTC.

    >>> moment(datetime(2026, 1, 2, 3, 4, 5, 600000))
    '2026-01-02T03:04:05Z'
    """
    return f"{at.isoformat(timespec='seconds')}Z" if at else None


def seconds(spent: float | None) -> float | None:
    """A stretch of time as machines read it."""
    return None if spent is None else round(spent, 3)


def span(spent: float | None) -> str:
    """A stretch of time as people say it.

    >>> span(0.25), span(95), span(7_300), span(200_000)
    ('0.2 s', '1 min 35 s', '2 h 1 min', '2 d 7 h')
    """
    if spent is None:
        return "not yet"
    if spent < 60:
        return f"{spent:.1f} s"
    left = int(spent)
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
