"""Renders incidents so that one look is enough: what broke, who is hit, since when, what did it, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from dryland.cli.table import table
from dryland.cli.visible import visible
from dryland.project.project import Project
from dryland.state.incident_records import Incident, IncidentEvent, Mute, Symptom
from dryland.watch.telling import span

COLOURS = {"open": "red", "acknowledged": "yellow", "resolved": "green"}
CHANGED = {"+": "green", "-": "red"}
CODE_MAX = 10  # lines of each dataset
NAMED_MAX = 6
LABEL = 11
SAID_MAX = 110  # of a line of history: it wraps on a narrow terminal, and is read all the same


def incident_table(incidents: Sequence[Incident]) -> list[str]:
    """One line for each."""
    rows = [
        [each.id, each.status, each.severity, each.environment, each.title, each.assignee or each.owner,
         each.arrived_at.isoformat(" ", "seconds"), readers(each)]
        for each in incidents
    ]  # fmt: skip
    head = ["incident", "status", "severity", "on", "what", "owner", "since (UTC)", "readers"]
    return table(head, rows)


def incident_lines(incident: Incident, events: Sequence[IncidentEvent], project: Project) -> Iterator[str]:
    """Everything about one: the answers first, then what was found, then its history."""
    status = click.style(incident.status, fg=COLOURS[incident.status], bold=True)
    yield click.style(f"incident {incident.id}  ", bold=True) + f"{status}, {incident.severity}, {incident.environment}"
    yield click.style(visible(incident.title), bold=True)
    for name, said in _answers(incident):
        yield f"  {name.ljust(LABEL)}{visible(said)}"
    yield from _code(incident.probably)
    yield ""
    for symptom in incident.symptoms:
        yield from _symptom_lines(symptom, project)
    yield ""
    rows = [[each.at.isoformat(" ", "seconds"), each.kind, each.who, _said(each, project)] for each in events]
    yield from table(["at (UTC)", "", "who", ""], rows, cell_max=SAID_MAX)


def _answers(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "since", f"{incident.arrived_at:%Y-%m-%d %H:%M:%S} UTC, seen {span(incident.detect_s)} later"
    yield "readers", readers(incident)
    if incident.resolved_at:
        yield "resolved", f"{incident.resolved_at:%Y-%m-%d %H:%M:%S} UTC, {span(incident.resolve_s)} after it was seen"
    if incident.assignee or incident.owner:
        yield "owner", incident.assignee or incident.owner
    yield from hit(incident.hit)
    probably = incident.probably
    if probably.get("what"):
        yield "probably", f"{probably['what']}: {probably['why']}"
    if incident.is_open and probably.get("do"):
        yield "to do", str(probably["do"])
    if incident.muted_by:
        yield "muted", f"it began under mute {incident.muted_by}: nobody is alerted before that ends"
    if incident.merged_into:
        yield "part of", f"incident {incident.merged_into}"


def hit(reached: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who is downstream, in a few words."""
    datasets = reached.get("datasets", ())
    if datasets:
        shown = ", ".join(_dataset(each) for each in datasets[:NAMED_MAX])
        more = f", and {len(datasets) - NAMED_MAX} more" if len(datasets) > NAMED_MAX else ""
        yield "downstream", f"{len(datasets)} dataset{'s' if len(datasets) > 1 else ''}: {shown}{more}"
    if exposures := reached.get("exposures", ()):
        yield (
            "used by",
            ", ".join(e["name"] + (f" ({e['owner']})" if e["owner"] else "") for e in exposures[:NAMED_MAX]),
        )
    if consumers := reached.get("consumers", ()):
        yield "consumers", ", ".join(consumers[:NAMED_MAX])


def _code(probably: Mapping[str, Any]) -> Iterator[str]:
    """The lines of what was refused that differ from what readers see."""
    for each in probably.get("code", ()):
        changed = [line for line in each["diff"] if line[:1] in CHANGED]
        for line in changed[:CODE_MAX]:
            yield "  " + " " * LABEL + click.style(visible(line), fg=CHANGED[line[:1]])
        if len(changed) > CODE_MAX:
            yield "  " + " " * LABEL + f"... and {len(changed) - CODE_MAX} more lines"


def _dataset(each: Mapping[str, Any]) -> str:
    columns = each["columns"][:3]
    more = ", ..." if len(each["columns"]) > 3 else ""
    return str(each["name"]) + (f" ({', '.join(columns)}{more})" if columns else "")


def readers(incident: Incident) -> str:
    """Whether readers see it."""
    if not incident.are_readers_hit:
        return "never saw it"
    return f"saw it for {span(incident.hit_s)}" if incident.safe_at else "see it now"


def _symptom_lines(symptom: Symptom, project: Project) -> Iterator[str]:
    over = f", over since {symptom.gone_at:%Y-%m-%d %H:%M:%S}" if symptom.gone_at else ""
    times = f", seen {symptom.times} times" if symptom.times > 1 else ""
    mark = "✓" if symptom.gone_at else "✗"
    yield visible(f"{mark} {project.name_of(symptom.dataset)}  {symptom.kind}: {symptom.message}{times}{over}")
    rows = symptom.evidence.get("rows") or ()
    if rows and not symptom.gone_at:
        yield from table(list(rows[0]), [list(row.values()) for row in rows], indent=4, cell_max=30)
    if place := symptom.evidence.get("place"):
        yield click.style(f"    {place}", dim=True)
    if held := symptom.evidence.get("held_back"):
        yield visible(f"    held back with it: {', '.join(held[:NAMED_MAX])}{', ...' if len(held) > NAMED_MAX else ''}")


def _said(event: IncidentEvent, project: Project) -> str:
    if event.kind == "cause":
        return f"it comes from {project.name_of(event.message)}"
    return event.message


def mute_table(mutes: Sequence[Mute]) -> list[str]:
    """One line for each."""
    rows = [
        [each.id, each.selector, each.environment or "all", each.until.isoformat(" ", "seconds"), each.who, each.reason]
        for each in mutes
    ]
    return table(["mute", "selector", "on", "until (UTC)", "who", "why"], rows)


def noted_lines(noted: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """What a verb says of the incidents that it opened, joined or resolved."""
    words = {"opened": "opened", "reopened": "is back", "resolved": "resolved", "joined": "is larger",
             "seen": "is still open", "merged": "is part of another"}  # fmt: skip
    for each in noted:
        happened = words.get(str(each["change"]), "changed")
        owner = f" ({each['owner']})" if each["owner"] else ""
        colour = "green" if each["change"] == "resolved" else "yellow"
        label = click.style(f"incident {each['id']} {happened}", fg=colour)
        hint = "" if each["change"] == "resolved" else f": dryland incident show {each['id']}"
        yield f"{label}{visible(owner)}{hint}"
