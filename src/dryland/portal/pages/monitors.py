"""Shows what monitors see and told, dataset by dataset; and takes what people say of what they told."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated, cast, get_args
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.errors import UsageError
from dryland.portal.door.people import needs
from dryland.portal.incidents.monitored import Sees, monitored, watched_page
from dryland.portal.pages.dataset import dataset_named
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, Visiting, form_of
from dryland.state.observed import Alert, Feedback
from dryland.watch.backtest import backtest

router = APIRouter()
LISTED_MAX = 30  # alerts
BACKTEST_DAYS = 90
BACKTEST_SPAN = timedelta(days=BACKTEST_DAYS)


@router.get("/monitors")
def monitors(
    visit: Visiting, desk: AtDesk, q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """All datasets, those of which something was told first."""
    found = watched_page(desk.state, visit.catalogue, q, page, now=visit.now, sees=_sees(visit))
    return visit.page(
        "monitors.html", found=found, words=q, listed_max=LISTED_MAX, may_handle=visit.person.may("handle")
    )


@router.get("/monitors/{unique_id}")
def monitor(
    visit: Visiting, desk: AtDesk, unique_id: str, monitor: Annotated[str, Query(max_length=300)] = "",
    tested: Annotated[str, Query(alias="backtest", max_length=1)] = "",
) -> Response:  # fmt: skip
    """One dataset; `monitor` is the one that is drawn, `backtest=1` plays its history again."""
    catalogue, project = visit.catalogue, desk.library.project
    dataset = dataset_named(catalogue, unique_id)
    found = monitored(
        desk.state,
        project,
        catalogue.environment,
        dataset.unique_id,
        drawn=monitor,
        now=visit.now,
        sees=_sees(visit),
    )
    days, is_open = visit.now - BACKTEST_SPAN, Sight(visit.person, catalogue).is_open(dataset)
    replay = partial(backtest, desk.state, project, catalogue.environment, [dataset.unique_id], since=days)
    return visit.page(
        "monitor.html", dataset=dataset, found=found, listed_max=LISTED_MAX, days=BACKTEST_DAYS,
        backtest=catalogue.once(("backtest", dataset.unique_id), replay) if tested == "1" and is_open else None,
        may_handle=visit.person.may("handle"),
    )  # fmt: skip


def _sees(visit: Visiting) -> Sees:
    return Sight(visit.person, visit.catalogue).measures


@router.post("/monitors/alerts/{alert}", dependencies=[needs("handle")])
async def answer(request: Request, desk: AtDesk, alert: Annotated[str, Path(pattern=r"^[0-9a-f]{1,16}$")]) -> Response:
    """What somebody says of what was told: that it was expected, or is no issue."""
    given = await form_of(request)
    word = given.get("feedback", "")
    if word not in get_args(Feedback) or not word:
        raise HTTPException(422, TEXTS["misread"].format(names="feedback"))
    try:
        found: Alert = await run_in_threadpool(desk.library.platform.say_of_alert, alert, cast(Feedback, word))
    except UsageError as error:
        raise HTTPException(404, error.message) from None
    return RedirectResponse(f"/monitors/{quote(found.dataset, safe='')}?{urlencode({'env': found.environment})}", 303)
