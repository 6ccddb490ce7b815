"""Shows what would change for readers if what is written now were released, and whom that would hit."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from dryland.errors import DrylandError
from dryland.portal.door.people import needs
from dryland.portal.visits import AtDesk, Visiting

router = APIRouter()
KINDS = ("added", "changed", "removed", "rebuilt", "moved", "renamed")
LISTED_MAX = 100  # of one kind; the command line shows the rest


@router.get("/plan", dependencies=[needs("look")])
def plan(visit: Visiting, desk: AtDesk) -> Response:
    """The page at once, and what was planned as soon as it is known."""
    if not visit.is_partial:
        return visit.page("plan.html")
    found, trouble = None, None
    try:
        found = desk.planning.of(visit.catalogue)
    except DrylandError as error:
        trouble = error
    return visit.page("plan_now.html", planned=found, trouble=trouble, kinds=KINDS, listed_max=LISTED_MAX)
