"""Shows how releases went beside what good teams reach, and how good the data is; and tells scrapers the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from dryland.portal.door.people import needs
from dryland.portal.facts.measures import WEEKS, measures_of
from dryland.portal.facts.scrape import scrape_of
from dryland.portal.visits import AtDesk, Looking, Visiting

router = APIRouter()
WORST_MAX = 25
OWNERS_MAX = 50
TEXT_FORM = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/measures", dependencies=[needs("look")])
def measures(visit: Visiting, desk: AtDesk, weeks: Annotated[int, Query(ge=1, le=520)] = 13) -> Response:
    """The page."""
    found = measures_of(desk.state, visit.catalogue, weeks, desk.now)
    return visit.page(
        "measures.html",
        found=found,
        weeks=weeks,
        stretches=WEEKS,
        worst=[(unique_id, score) for unique_id, score in found.scores.items() if score.lost][:WORST_MAX],
        owners=found.owners[:OWNERS_MAX],
    )


@router.get("/metrics", dependencies=[needs("look")])
def metrics(catalogue: Looking, desk: AtDesk) -> Response:
    """As Prometheus asks."""
    return Response(scrape_of(desk, catalogue), media_type=TEXT_FORM, headers={"cache-control": "no-store"})
