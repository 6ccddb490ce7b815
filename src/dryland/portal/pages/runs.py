"""Shows runs: who is at work now, how the last ones ended, and when each step of one began and ended."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from dryland.portal.drawing.gantt import gantt
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, Visiting
from dryland.portal.wording import plain
from dryland.release.at_work import AtWork, RunStanding, at_work
from dryland.state.records import Build, Run, StepRecord
from dryland.state.store import State

router = APIRouter()
LISTED_MAX = 50
NOW_MAX = 5


def standing_now(state: State, limit: int = NOW_MAX) -> AtWork:
    """Who is at work, and the newest runs."""
    return at_work(state, limit=limit)


@router.get("/runs")
def runs(visit: Visiting, desk: AtDesk) -> Response:
    """The newest runs of all environments."""
    work = standing_now(desk.state, LISTED_MAX)
    return visit.page("runs_now.html" if visit.is_partial else "runs.html", work=work, said_of=_sight(visit).said_of)


@router.get("/runs/{number}")
def run(visit: Visiting, desk: AtDesk, number: int) -> Response:
    """One run; while it goes on, what it made by now."""
    found = desk.state.run(number)
    if found is None:
        raise HTTPException(404, TEXTS["no_run"].format(number=number))
    standing = _standing(desk.state, number) or RunStanding(found, found.status)
    steps = desk.state.steps(number)
    made = desk.state.builds_since(found.started_at, number) if not steps else ()
    drawn = steps or tuple(_step_so_far(each, found) for each in made)
    names = {step.node: visit.catalogue.name_of(step.node) for step in drawn}
    end = plain(found.finished_at or desk.now)
    sight = _sight(visit)
    return visit.page(
        "run_now.html" if visit.is_partial else "run.html",
        run=found,
        standing=standing,
        said=sight.said_of(found),
        sight=sight,
        took_s=(end - plain(found.started_at)).total_seconds(),
        steps=sorted(steps, key=lambda step: -step.duration_s),
        made=made,
        gantt=gantt(drawn, found.started_at, names),
    )


def _step_so_far(build: Build, run: Run) -> StepRecord:
    """What is known of a step while its run goes on: that its table stands."""
    began = run.started_at + timedelta(seconds=build.began_s)
    return StepRecord(run.id, build.node, "build", "done", began, build.duration_s, build_key=build.key)


def _sight(visit: Visiting) -> Sight:
    return Sight(visit.person, visit.catalogue)


def _standing(state: State, number: int) -> RunStanding | None:
    """How it stands; a run of long ago is none of the newest, and has ended."""
    return next((each for each in at_work(state, limit=LISTED_MAX).runs if each.run.id == number), None)
