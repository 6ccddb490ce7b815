"""Shows releases: what each changed for readers, what checks said, how long it took; and brings older ones back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.errors import UsageError
from dryland.portal.actions import Action, subject_of
from dryland.portal.door.people import needs, note, person_of
from dryland.portal.facts.changes import changes_between
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.incidents.listing import in_order, incidents_of_release
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, Desk, Visiting, form_of
from dryland.release.rollback import before_live
from dryland.state.records import Release, Run, StepRecord, Verdict

router = APIRouter()
LISTED_MAX = 100
STEPS_MAX = 100
RUN_ENDS_LATER = timedelta(seconds=1)


@router.get("/releases")
def releases(visit: Visiting, desk: AtDesk) -> Response:
    """The newest releases of the environment."""
    found = desk.state.releases(visit.catalogue.environment, limit=LISTED_MAX)
    return visit.page("releases.html", releases=found, before=_before(desk, visit.catalogue.live))


@router.get("/releases/{number}")
def release(visit: Visiting, desk: AtDesk, number: int) -> Response:
    """One release."""
    state, found = desk.state, _release(desk, number)
    parent = state.release(found.parent) if found.parent is not None else None
    sight = Sight(visit.person, visit.catalogue)
    run = state.run(found.run_id) if found.run_id is not None else None
    return visit.page(
        "release.html",
        release=found,
        parent=parent,
        changes=visit.catalogue.once(("changes", number), lambda: changes_between(state, parent, found)),
        verdicts=visit.catalogue.once(("verdicts", number), lambda: _verdicts(desk, found)),
        run=run,
        incidents=Evidence(sight).incidents(in_order(incidents_of_release(state.incidents(found.environment), number))),
        steps=_steps(visit, desk, run) if run else (),
        sight=sight,
        before=_before(desk, found) if found.status == "live" else None,
        can_come_back=found.status == "superseded",
        going_on=desk.actions.running(found.environment),
    )


@router.get("/releases/{number}/rollback", dependencies=[needs("release")])
def confirm_rollback(visit: Visiting, desk: AtDesk, number: int) -> Response:
    """What a way back would change for readers, and the button."""
    found = _release(desk, number)
    live = _live(desk, found.environment)
    if found.status != "superseded" or live is None:
        raise HTTPException(409, TEXTS["cannot_go_back"].format(number=number, status=found.status))
    return visit.page("rollback.html", release=found, live=live, changes=changes_between(desk.state, live, found))


@router.post("/releases/{number}/rollback", dependencies=[needs("release")])
async def roll_back(request: Request, desk: AtDesk, number: int) -> Response:
    """Do it, beside this request."""
    await form_of(request)
    found = await run_in_threadpool(_release, desk, number)
    if found.status != "superseded":
        raise HTTPException(409, TEXTS["cannot_go_back"].format(number=number, status=found.status))
    person = person_of(request)
    await run_in_threadpool(note, request, "rollback", subject_of(found.environment, found.id), outcome="asked")
    author = "" if person.is_local else person.name
    action = desk.actions.roll_back(found.environment, found.id, by=person.name, author=author)
    return RedirectResponse(f"/actions/{action.number}", 303)


@router.get("/actions/{number}")
def action(visit: Visiting, desk: AtDesk, number: int) -> Response:
    """How far it is, and what came of it."""
    found: Action | None = desk.actions.find(number)
    if found is None:
        raise HTTPException(404, TEXTS["no_action"])
    return visit.page("action_now.html" if visit.is_partial else "action.html", action=found)


def _release(desk: Desk, number: int) -> Release:
    found = desk.state.release(number)
    if found is None:
        raise HTTPException(404, TEXTS["no_release"].format(number=number))
    return found


def _live(desk: Desk, environment: str) -> Release | None:
    known = desk.state.environment(environment)
    return desk.state.release(known.live_release) if known and known.live_release is not None else None


def _before(desk: Desk, live: Release | None) -> Release | None:
    """What readers saw before; None where there was nothing."""
    try:
        found = before_live(desk.state, live) if live else None
    except UsageError:
        return None
    return found if found and found.status == "superseded" else None


def _steps(visit: Visiting, desk: Desk, run: Run) -> Sequence[StepRecord]:
    """The steps of its run, those that took longest first; of one that ended they are read once."""

    def ranked() -> Sequence[StepRecord]:
        return sorted(desk.state.steps(run.id), key=lambda step: -step.duration_s)[:STEPS_MAX]

    return visit.catalogue.once(("steps", run.id), ranked) if run.finished_at else ranked()


def _verdicts(desk: Desk, release: Release) -> tuple[Verdict, ...]:
    """What checks said for it; what they knew from before is not asked again."""
    run = desk.state.run(release.run_id) if release.run_id is not None else None
    if run is None:
        return ()
    end = (run.finished_at or desk.now) + RUN_ENDS_LATER
    keys = {mark.build_key for mark in desk.state.marks(release.id).values()}
    said = desk.state.verdicts_between(run.started_at, end)
    order = {"error": 0, "fail": 0, "warn": 1, "pass": 2}
    return tuple(
        sorted((each for each in said if keys & set(each.builds)), key=lambda each: (order[each.status], each.check))
    )
