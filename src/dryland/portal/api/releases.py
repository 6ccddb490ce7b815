"""Answers programs that ask what was done: releases and what they changed, runs, environments."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from dryland.portal.api.fields import Data, Limit, Number
from dryland.portal.door.people import Asking
from dryland.portal.facts.changes import changes_between
from dryland.portal.pages.environments import standings_of
from dryland.portal.pages.runs import standing_now
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, Looking
from dryland.release.details import release_json, step_json

router = APIRouter()


@router.get("/releases", summary="Releases of the environment, the newest first")
def releases(catalogue: Looking, desk: AtDesk, limit: Limit = 20) -> Data:
    """As `dryland release list --json`."""
    found = desk.state.releases(catalogue.environment, limit=limit)
    return Data(environment=catalogue.environment, items=[release_json(each) for each in found])


@router.get("/releases/{number}", summary="One release, and what it changed for readers")
def release(catalogue: Looking, person: Asking, desk: AtDesk, number: Number) -> dict[str, Any]:
    """With the steps of the run that made it."""
    found = desk.state.release(number)
    if found is None:
        raise HTTPException(404, TEXTS["no_release"].format(number=number))
    parent = desk.state.release(found.parent) if found.parent is not None else None
    changes = changes_between(desk.state, parent, found)
    sight = Sight(person, catalogue)
    steps = desk.state.steps(found.run_id) if found.run_id is not None else ()
    return {
        "release": release_json(found),
        "changes": [
            {"node": each.node, "kinds": each.kinds, "rows_before": each.rows_before, "rows_after": each.rows_after}
            for each in changes
        ],
        "steps": [{**step_json(step), "message": sight.words(step.node, step.message)} for step in steps],
    }


@router.get("/runs", summary="Who is at work, and how the last runs ended")
def runs(catalogue: Looking, person: Asking, desk: AtDesk, limit: Limit = 20) -> dict[str, Any]:
    """As `dryland runs --json`."""
    sight, work = Sight(person, catalogue), standing_now(desk.state, limit)
    said = [{"said": sight.said_of(each.run)} for each in work.runs]
    found = work.as_dict()
    return {**found, "runs": [{**each, **words} for each, words in zip(_dicts(found["runs"]), said, strict=True)]}


@router.get("/environments", summary="Environments, and what they show")
def environments(desk: AtDesk) -> Data:
    """The default one first."""
    return Data(
        items=[
            {
                "name": each.environment.name, "base": each.environment.base, "purpose": each.environment.purpose,
                "live_release": each.environment.live_release, "datasets": each.datasets, "stale": each.stale,
                "different": each.different,
            }
            for each in standings_of(desk)
        ]
    )  # fmt: skip


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [dict(each) for each in found]
