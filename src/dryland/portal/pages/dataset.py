"""Shows one dataset: what it is, who is behind it, whether it can be trusted, where it comes from and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.plan.promise import promise_in
from dryland.portal.drawing.graph import around, drawn, drawn_columns
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.columns import columns_of
from dryland.portal.facts.cost import DAYS, Cost, costs_of
from dryland.portal.facts.dataset import Dataset
from dryland.portal.facts.history import story_of
from dryland.portal.facts.measures import score_in, trend_in
from dryland.portal.facts.usage import examples_of
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.incidents.listing import trouble_of
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, Visiting

router = APIRouter()
NEAR_MAX = 40  # boxes of the drawing on this page; more are shown by the page for lineage
COLUMN_BOXES_MAX = 150


@router.get("/datasets/{unique_id}")
async def dataset(visit: Visiting, desk: AtDesk, unique_id: str) -> Response:
    """The page."""
    catalogue, found = visit.catalogue, dataset_named(visit.catalogue, unique_id)
    key = ("story", found.unique_id)  # what is remembered of it is another when the catalogue is
    tell = partial(story_of, desk.state, found, catalogue.environment)
    story = catalogue.once(key, tell) if catalogue.knows(key) else await run_in_threadpool(catalogue.once, key, tell)
    sight = Sight(visit.person, catalogue)
    columns = columns_of(found, sight.columns(found))
    trouble = await run_in_threadpool(trouble_of, desk.state, catalogue.environment, found.unique_id, now=visit.now)
    score = await run_in_threadpool(score_in, desk.state, catalogue, found.unique_id, desk.now)
    trend = await run_in_threadpool(trend_in, desk.state, catalogue, found.unique_id, desk.now)
    near = around(catalogue, found.unique_id, up=1, down=1)
    dialect = desk.library.platform.written.warehouse.type
    return visit.page(
        "dataset.html",
        dataset=found,
        columns=columns,
        cost=(await _costs(visit, desk)).get(found.unique_id),
        cost_days=DAYS,
        sight=sight,
        checks=sorted(found.checks, key=lambda check: (ORDER.get(check.status, 9), check.column, check.name)),
        story=story,
        trouble=replace(
            trouble,
            incidents=Evidence(sight).incidents(trouble.incidents),
            alerts=tuple(each for each in trouble.alerts if sight.measures(found.unique_id, each.monitor)),
        ),
        score=score,
        trend=trend,
        drawing=drawn(catalogue, near, found.unique_id) if len(near) <= NEAR_MAX else None,
        above=len(catalogue.above(found.unique_id)),
        below=len(catalogue.below(found.unique_id)),
        promise=promise_in(found.parts.definition),
        examples=examples_of(found, columns, dialect),
        code=code_of(found),
        meta=shown_meta(found),
    )


@router.get("/datasets/{unique_id}/columns/{column}")
async def column(visit: Visiting, unique_id: str, column: str) -> Response:
    """Where one column comes from, and where it goes."""
    found = dataset_named(visit.catalogue, unique_id)
    seen = Sight(visit.person, visit.catalogue).columns(found)
    known = next((each for each in columns_of(found, seen) if each.name.lower() == column.lower()), None)
    if known is None:
        raise HTTPException(404, TEXTS["no_column"].format(name=column, dataset=found.name))
    drawing = await run_in_threadpool(drawn_columns, visit.catalogue, found.unique_id, known.name)
    is_small = drawing is not None and len(drawing.boxes) <= COLUMN_BOXES_MAX
    return visit.page("column.html", dataset=found, column=known, drawing=drawing, is_small=is_small)


async def _costs(visit: Visiting, desk: AtDesk) -> Mapping[str, Cost]:
    tell = partial(costs_of, desk.state, visit.catalogue, visit.now)
    return tell() if visit.catalogue.knows("costs") else await run_in_threadpool(tell)


ORDER = {"error": 0, "fail": 0, "warn": 1, "unknown": 2, "pass": 3}


def dataset_named(catalogue: Catalogue, name: str) -> Dataset:
    """The dataset that an address means.

    Raises:
        HTTPException: there is none.
    """
    found = catalogue.find(name)
    if found is None:
        raise HTTPException(404, TEXTS["no_dataset"].format(name=name))
    return found


def code_of(dataset: Dataset) -> str:
    """The code that was released, or that is written where nothing was."""
    parts = dataset.parts
    if parts.definition:
        return parts.definition.sql
    return (parts.node.rendered.sql or parts.node.raw) if parts.node else ""


def shown_meta(dataset: Dataset) -> Mapping[str, Any]:
    """What a team says of it besides: service level, who reads it, and so on."""
    described = dataset.parts.node or dataset.parts.source
    meta = dataset.parts.metadata.get("meta") or (described.meta if described else {})
    return {str(key): value for key, value in meta.items() if key not in ("checks", "owner")}
