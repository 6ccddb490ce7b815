"""Shows incidents: what broke, who is hit, the proof of it and what did it; and takes what people do about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.access.person import Person
from dryland.errors import UsageError
from dryland.portal.door.people import needs, person_of
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.incidents.incident import story_of
from dryland.portal.incidents.listing import SEVERITIES, STATUSES, Asked, listed
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, Desk, Visiting, form_of
from dryland.state.incident_records import Incident

router = APIRouter()
ACTS: Mapping[str, str] = {
    "acknowledge": "acknowledged", "assign": "assigned", "comment": "commented", "resolve": "resolved",
    "reopen": "reopened",
}  # fmt: skip
"""The last part of an address -> what is written into the history."""
NEEDS_WORDS = ("assign", "comment")
MESSAGE_MAX = 2_000  # characters
MUTE_HOURS = (1, 2, 4, 8, 24)
Word = Annotated[str, Query(max_length=200)]


@router.get("/incidents")
def incidents(
    visit: Visiting, desk: AtDesk, status: Word = "", severity: Word = "", owner: Word = "", where: Word = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """Those that are asked for, what is open first."""
    found = listed(desk.state, visit.catalogue.environment, Asked(status, severity, owner, where, page))
    found = replace(found, incidents=Evidence(Sight(visit.person, visit.catalogue)).incidents(found.incidents))
    template = "incidents_now.html" if visit.is_partial else "incidents.html"
    return visit.page(template, listing=found, statuses=STATUSES, severities=SEVERITIES)


@router.get("/incidents/{number}")
def incident(visit: Visiting, desk: AtDesk, number: int) -> Response:
    """One incident; in the environment in which it is."""
    found = incident_of(desk, number)
    if found.environment != visit.catalogue.environment and desk.state.environment(found.environment):
        return RedirectResponse(visit.link(f"/incidents/{number}", env=found.environment), 303)
    evidence = Evidence(Sight(visit.person, visit.catalogue))
    found, events = evidence.incident(found), evidence.events(found, desk.state.incident_events(number))
    story = story_of(desk.state, visit.catalogue, evidence, found, events, visit.now)
    return visit.page(
        "incident.html", story=story, incident=found, mute_hours=MUTE_HOURS,
        may_handle=visit.person.may("handle"), may_release=visit.person.may("release"),
    )  # fmt: skip


@router.post("/incidents/{number}/mute", dependencies=[needs("handle")])
async def mute(request: Request, desk: AtDesk, number: int) -> Response:
    """Begin a window of maintenance for the failing dataset and what is made from it."""
    given, person = await form_of(request), person_of(request)
    hours = given.get("hours", "")
    if not hours.isdecimal() or int(hours) not in MUTE_HOURS:
        raise HTTPException(422, TEXTS["misread"].format(names="hours"))
    found = await run_in_threadpool(incident_of, desk, number)
    await run_in_threadpool(
        desk.library.platform.begin_mute, f"{selector_of(found.cause)}+", timedelta(hours=int(hours)),
        environment=found.environment, reason=given.get("message", "")[:MESSAGE_MAX], who=name_of(person),
    )  # fmt: skip
    return _back(found)


@router.post("/incidents/{number}/{act}", dependencies=[needs("handle")])
async def act(request: Request, desk: AtDesk, number: int, act: str, later: BackgroundTasks) -> Response:
    """What a person says or does about it; whom that concerns is alerted after the answer."""
    given, person = await form_of(request), person_of(request)
    if act not in ACTS:
        raise HTTPException(404, TEXTS["no_page"])
    found = await run_in_threadpool(handled, desk, number, act, given.get("message", ""), person)
    later.add_task(desk.send_alerts)
    return _back(found)


def handled(desk: Desk, number: int, act: str, message: str, person: Person) -> Incident:
    """Note what somebody does about an incident.

    Raises:
        HTTPException: there is no such incident, it is so already, or words are missing.
    """
    incident_of(desk, number)
    words = message.strip()[:MESSAGE_MAX]
    if act in NEEDS_WORDS and not words:
        raise HTTPException(422, TEXTS["incident_words_missing"])
    try:
        return desk.library.platform.note_act(number, ACTS[act], words, who=name_of(person))
    except UsageError as error:
        raise HTTPException(409, error.message) from None


def incident_of(desk: Desk, number: int) -> Incident:
    """The incident that an address means.

    Raises:
        HTTPException: there is none.
    """
    found = desk.state.incident(number) if number < 2**31 else None
    if found is None:
        raise HTTPException(404, TEXTS["no_incident"].format(number=number))
    return found


def name_of(person: Person) -> str:
    """By what name it is remembered who did something; empty: whoever sits at the machine."""
    return "" if person.is_local else person.name


def selector_of(unique_id: str) -> str:
    """A dataset as dbt's selectors name it.

    >>> selector_of("model.shop.orders"), selector_of("source.shop.raw.payments")
    ('orders', 'source:raw.payments')
    """
    kind, _, rest = unique_id.partition(".")
    name = rest.partition(".")[2]
    return f"source:{name}" if kind == "source" else name


def _back(incident: Incident) -> Response:
    return RedirectResponse(f"/incidents/{incident.id}", 303)
