"""Shows who was alerted of what, what is on its way or failed, and the windows in which nobody is alerted."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.errors import UsageError
from dryland.portal.door.people import needs
from dryland.portal.visits import AtDesk, Visiting, form_of
from dryland.state.incident_records import DeliveryStatus

router = APIRouter()
Number = Annotated[int, Path(ge=0, lt=2**31)]
LISTED_MAX = 100
STATUSES: tuple[str, ...] = get_args(DeliveryStatus)


@router.get("/incidents/alerts")
def alerts(visit: Visiting, desk: AtDesk, status: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The newest messages, and mutes that have not ended."""
    wanted = status if status in STATUSES else ""
    return visit.page(
        "alerts.html", deliveries=desk.state.deliveries(status=wanted, limit=LISTED_MAX), wanted=wanted,
        statuses=STATUSES, mutes=desk.state.mutes(visit.now), may_handle=visit.person.may("handle"),
        routes=desk.library.project.settings.alerting.routes,
    )  # fmt: skip


@router.post("/incidents/alerts/mutes/{number}/end", dependencies=[needs("handle")])
async def end_mute(request: Request, desk: AtDesk, number: Number) -> Response:
    """End a window of maintenance now."""
    await form_of(request)
    try:
        await run_in_threadpool(desk.library.platform.unmute, number)
    except UsageError as error:
        raise HTTPException(404, error.message) from None
    return RedirectResponse("/incidents/alerts", 303)
