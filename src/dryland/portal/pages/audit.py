"""Shows administrators the audit log: who did what, when, from where, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from dryland.portal.door.people import needs
from dryland.portal.visits import AtDesk, Desk, Visiting
from dryland.state.people import AuditEntry

router = APIRouter(dependencies=[needs("administer")])
LISTED_MAX = 200
DAYS_MAX = 3660
Text = Annotated[str, Query(max_length=200)]


@router.get("/audit")
def audit(
    visit: Visiting, desk: AtDesk, person: Text = "", action: Text = "", dataset: Text = "", days: Text = ""
) -> Response:
    """The newest entries, of one person, action or dataset when asked."""
    found = visit.catalogue.find(dataset) if dataset else None
    entries = entries_of(desk, person, action, found.unique_id if found else dataset, days)
    chosen = {"person": person, "action": action, "dataset": dataset, "days": days}
    return visit.page("audit.html", entries=entries, chosen=chosen, listed_max=LISTED_MAX)


def entries_of(
    desk: Desk, person: str, action: str, dataset: str, days: str, limit: int = LISTED_MAX
) -> tuple[AuditEntry, ...]:  # fmt: skip
    """Entries of the log, those that still wait to be written included."""
    desk.journal.write()
    within = min(int(days), DAYS_MAX) if days.isdecimal() and len(days) < 6 else 0
    since = desk.journal.clock() - timedelta(days=within) if within else None
    return desk.state.audit(
        limit=limit, person=person.strip().lower(), action=action.strip(), dataset=dataset.strip(), since=since
    )
