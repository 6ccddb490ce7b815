"""Shows health at a glance: what is broken, what is stale, what was released today, and what to do next."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from dryland.portal.facts.cost import DAYS, costs_of, dearest
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.incidents.listing import in_order
from dryland.portal.pages.runs import standing_now
from dryland.portal.rows.sight import Sight
from dryland.portal.visits import AtDesk, Visiting

router = APIRouter()
LISTED_MAX = 8
RELEASES_LOOKED_AT = 50


@router.get("/")
def home(visit: Visiting, desk: AtDesk) -> Response:
    """The first page."""
    catalogue, sight = visit.catalogue, Sight(visit.person, visit.catalogue)
    releases = desk.state.releases(catalogue.environment, limit=RELEASES_LOOKED_AT)
    today = [each for each in releases if each.created_at.date() == visit.now.date()]
    return visit.page(
        "home.html",
        incidents=Evidence(sight).incidents(in_order(desk.state.incidents(catalogue.environment, is_open=True))),
        failing=[each for each in catalogue.wrong if each.state == "failing"],
        stale=[each for each in catalogue.wrong if each.stale_since],
        today=today,
        releases=releases[:LISTED_MAX],
        work=standing_now(desk.state),
        steps=catalogue.health.steps[:LISTED_MAX] if catalogue.health else (),
        listed_max=LISTED_MAX,
        sight=sight,
        dearest=dearest(costs_of(desk.state, catalogue, visit.now)),
        cost_days=DAYS,
    )
