"""Answers programs about incidents, monitors and alerts: the same facts as the commands give with `--json`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Query, Request
from pydantic import BaseModel, Field

from dryland.portal.api.fields import Limit, Name, Number, Text
from dryland.portal.door.people import Asking, needs, person_of
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.incidents.listing import EVERYWHERE, Asked, in_order
from dryland.portal.incidents.monitored import judged_of
from dryland.portal.pages.dataset import dataset_named
from dryland.portal.pages.incidents import MESSAGE_MAX, handled, incident_of
from dryland.portal.rows.sight import Sight
from dryland.portal.visits import AtDesk, Looking
from dryland.state.incident_records import DeliveryStatus, Incident
from dryland.watch.plain import alert_json, delivery_json, judged_json, mute_json
from dryland.watch.telling import told

router = APIRouter()
JUDGED_MAX = 20  # datasets of which all monitors are asked for one answer
Act = Literal["acknowledge", "assign", "comment", "resolve", "reopen"]


class Words(BaseModel):
    """What is said with it: to whom it is assigned, the comment, or why."""

    message: str = Field("", max_length=MESSAGE_MAX)


@router.get("/incidents", summary="Incidents, what is open first")
def incidents(
    catalogue: Looking, desk: AtDesk, person: Asking, status: Text = "", severity: Text = "", owner: Text = "",
    where: Text = "", limit: Limit = 20,
) -> dict[str, Any]:  # fmt: skip
    """As `dryland incident list --json`; `where=*` for all environments."""
    asked = Asked(status, severity, owner, where)
    known = desk.state.incidents("" if where == EVERYWHERE else catalogue.environment)
    found = in_order(each for each in known if asked.lets_through(each))[:limit]
    evidence = Evidence(Sight(person, catalogue))
    return {"incidents": [told(each, desk.library.project) for each in evidence.incidents(found)]}


@router.get("/incidents/{number}", summary="Everything about one incident")
def incident(catalogue: Looking, desk: AtDesk, person: Asking, number: Number) -> dict[str, Any]:
    """As `dryland incident show --json`, with rows as whoever asks may see them."""
    return _details(catalogue, desk, person, incident_of(desk, number))


@router.post("/incidents/{number}/{act}", summary="Say or do something about it", dependencies=[needs("handle")])
def handle(
    catalogue: Looking, desk: AtDesk, request: Request, number: Number, act: Act, words: Words, later: BackgroundTasks
) -> dict[str, Any]:  # fmt: skip
    """As `dryland incident ack`, `assign`, `comment`, `resolve` and `reopen`."""
    person = person_of(request)
    found = handled(desk, number, act, words.message, person)
    later.add_task(desk.send_alerts)
    return _details(catalogue, desk, person, found)


@router.get("/monitors/{unique_id}", summary="What the monitors of one dataset say")
def monitors(catalogue: Looking, desk: AtDesk, person: Asking, unique_id: Name) -> dict[str, Any]:
    """As `dryland monitor list --json`, with what they told."""
    dataset = dataset_named(catalogue, unique_id)
    sees = Sight(person, catalogue).measures
    found = judged_of(
        desk.state, desk.library.project, catalogue.environment, [dataset.unique_id], now=desk.now, sees=sees
    )  # fmt: skip
    alerts = desk.state.alerts(catalogue.environment, [dataset.unique_id])
    return {
        "monitors": [judged_json(each) for each in found],
        "alerts": [
            alert_json(each) for each in reversed(alerts.get(dataset.unique_id, [])) if sees(each.dataset, each.monitor)
        ],
    }


@router.get("/monitors", summary="What monitors say, dataset by dataset")
def all_monitors(
    catalogue: Looking, desk: AtDesk, person: Asking, page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> dict[str, Any]:
    """As `dryland monitor list --json`, twenty datasets at a time."""
    names = [*catalogue.datasets][(page - 1) * JUDGED_MAX : page * JUDGED_MAX]
    found = judged_of(
        desk.state, desk.library.project, catalogue.environment, names, now=desk.now,
        sees=Sight(person, catalogue).measures,
    )  # fmt: skip
    return {
        "monitors": [judged_json(each) for each in found],
        "page": page,
        "pages": max(-(-len(catalogue.datasets) // JUDGED_MAX), 1),
    }


@router.get("/deliveries", summary="The newest messages, and what came of each")
def deliveries(desk: AtDesk, status: Literal["", DeliveryStatus] = "", limit: Limit = 20) -> dict[str, Any]:
    """As `dryland alert list --json`, with the windows of maintenance."""
    return {
        "deliveries": [delivery_json(each) for each in desk.state.deliveries(status=status, limit=limit)],
        "mutes": [mute_json(each) for each in desk.state.mutes(desk.now)],
    }


def _details(catalogue: Looking, desk: AtDesk, person: Asking, found: Incident) -> dict[str, Any]:
    evidence = Evidence(Sight(person, catalogue))
    events = evidence.events(found, desk.state.incident_events(found.id))
    body = desk.library.platform.incident_details(evidence.incident(found), events)
    shown = [
        {**problem, "evidence": evidence.evidence(symptom)}
        for problem, symptom in zip(body["problems"], found.symptoms, strict=True)
    ]
    return {**body, "problems": shown}
