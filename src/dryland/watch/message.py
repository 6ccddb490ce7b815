"""Writes what people get: subject, text, and HTML in which everything is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from html import escape
from typing import Any

from dryland.state.incident_records import Delivery
from dryland.values import dataclass
from dryland.watch.telling import span

WORDS = {
    "opened": "new", "reopened": "back", "worse": "worse", "resolved": "resolved", "reminder": "still open",
    "test": "test",
}  # fmt: skip
SUBJECT_MAX = 150
NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to send, as people read it and as machines do."""

    subject: str
    text: str
    html: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""  # the same when the same is sent again


def message_of(deliveries: Sequence[Delivery]) -> Message:
    """One message about all of these; several make a digest."""
    items = [(each.event, each.body["incident"]) for each in deliveries]
    subject = _subject(items)
    blocks = [list(_lines(event, incident)) for event, incident in items]
    text = "\n\n".join("\n".join(f"{name}: {said}" if name else said for name, said in block) for block in blocks)
    payload = {
        "version": 1,
        "event": items[0][0] if len(items) == 1 else "digest",
        "subject": subject,
        "text": text,
        "items": [{"event": event, "incident": dict(incident)} for event, incident in items],
    }
    key = "-".join(str(each.id) for each in deliveries[:3]) + (f"-{len(deliveries)}" if len(deliveries) > 1 else "")
    return Message(subject, text + "\n", _html(subject, blocks), payload, key)


def _subject(items: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    event, incident = items[0]
    if len(items) == 1:
        said = f"[{incident['environment']}] {WORDS[event]}: {incident['title']}"
    else:
        names = list(dict.fromkeys(str(each["dataset"]) for _, each in items))
        said = f"[{incident['environment']}] {len(items)} messages: {', '.join(names[:NAMED_MAX])}"
    one_line = " ".join(said.split())
    return one_line if len(one_line) <= SUBJECT_MAX else one_line[: SUBJECT_MAX - 1] + "…"


def _lines(event: str, incident: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What, where, since when, who is hit, what did it, what to do: each with its name."""
    number = f"incident {incident['id']} of {incident['project']}" if incident["id"] else str(incident["project"])
    yield "", f"{WORDS[event].upper()}  {incident['title']}"
    yield "where", f"{number}, {incident['environment']}, {incident['severity']}"
    if event == "resolved":
        yield "resolved", f"{_time(incident['resolved_at'])}, {span(incident['resolve_s'])} after it was seen"
    yield "since", _since(incident)
    yield "readers", _readers(incident)
    if incident["owner"]:
        yield "owner", str(incident["owner"])
    if said := _hit(incident["hit"]):
        yield "downstream", said
    if event != "resolved" and incident["probably"]["what"]:
        yield "probably", f"{incident['probably']['what']}: {incident['probably']['why']}"
    if event != "resolved" and incident["probably"]["do"]:
        yield "to do", str(incident["probably"]["do"])
    if incident["url"]:
        yield "link", str(incident["url"])


def _since(incident: Mapping[str, Any]) -> str:
    return f"{_time(incident['arrived_at'])}, seen {span(incident['detect_s'])} later"


def _readers(incident: Mapping[str, Any]) -> str:
    if incident["are_readers_hit"]:
        return "see it now"
    if incident["were_readers_hit"]:
        return f"saw it for {span(incident['hit_s'])}"
    return "never saw it"


def _hit(hit: Mapping[str, Any]) -> str:
    parts = []
    if count := hit["datasets_count"]:
        names = ", ".join(hit["datasets"][:NAMED_MAX])
        parts.append(f"{count} dataset{'s' if count > 1 else ''} ({names}{', ...' if count > NAMED_MAX else ''})")
    parts += [each["name"] + (f" ({each['owner']})" if each["owner"] else "") for each in hit["exposures"][:NAMED_MAX]]
    parts += hit["consumers"][:NAMED_MAX]
    return "; ".join(parts)


def _time(text: str | None) -> str:
    return text.replace("T", " ").replace("Z", " UTC") if text else "-"


def _html(subject: str, blocks: Sequence[Sequence[tuple[str, str]]]) -> str:
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>' + escape(subject) + "</title></head>"
        '<body style="font-family:sans-serif;font-size:14px;line-height:1.5">'
        + "<hr>".join(_table(block) for block in blocks)
        + "</body></html>"
    )


def _table(block: Sequence[tuple[str, str]]) -> str:
    (_, title), *rest = block
    rows = "".join(
        f'<tr><th align="left" valign="top" style="padding-right:1em">{escape(name)}</th>'
        f"<td>{_cell(name, said)}</td></tr>"
        for name, said in rest
    )
    return f'<h3 style="margin:0.5em 0">{escape(title)}</h3><table>{rows}</table>'


def _cell(name: str, said: str) -> str:
    shown = escape(said)
    is_link = name == "link" and said.startswith(("http://", "https://"))
    return f'<a href="{shown}">{shown}</a>' if is_link else shown
