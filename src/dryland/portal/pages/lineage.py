"""Shows how datasets are made from each other: one with its surroundings, or all of them."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from dryland.portal.drawing.graph import BOX_HEIGHT, BOX_WIDTH, Drawing, around, drawn
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.pages.dataset import dataset_named
from dryland.portal.visits import Looking, Visiting

router = APIRouter()
STEPS = ("1", "2", "3", "all")
LISTED_MAX = 200  # lines of the table beside the picture


@router.get("/lineage")
async def lineage(visit: Visiting, focus: str = "", up: str = "2", down: str = "2") -> Response:
    """The page; the picture itself comes as data."""
    nodes = nodes_of(visit.catalogue, focus, up, down)
    found = dataset_named(visit.catalogue, focus) if focus else None
    datasets = [visit.catalogue.datasets[uid] for uid in nodes if uid in visit.catalogue.datasets]
    return visit.page(
        "lineage.html",
        focus=found,
        up=up,
        down=down,
        steps=STEPS,
        total=len(nodes),
        datasets=datasets[:LISTED_MAX],
        names=[each.name for each in visit.catalogue.datasets.values()]
        if len(visit.catalogue.datasets) <= LISTED_MAX
        else [],
    )


@router.get("/lineage/graph.json")
async def graph(catalogue: Looking, focus: str = "", up: str = "2", down: str = "2") -> Response:
    """Boxes and lines, laid out."""
    key = ("graph", focus, _steps(up), _steps(down)) if focus else ("graph",)
    body = await run_in_threadpool(catalogue.once, key, lambda: _graph(catalogue, focus, up, down))
    return Response(body, media_type="application/json")


def _graph(catalogue: Catalogue, focus: str, up: str, down: str) -> bytes:
    nodes = nodes_of(catalogue, focus, up, down)
    target = dataset_named(catalogue, focus).unique_id if focus else ""
    return json.dumps(as_data(drawn(catalogue, nodes, target), target), separators=(",", ":")).encode()


def nodes_of(catalogue: Catalogue, focus: str, up: str, down: str) -> tuple[str, ...]:
    """What is to be shown, in the catalogue's order."""
    if not focus:
        return (*catalogue.datasets, *catalogue.exposures)
    found = dataset_named(catalogue, focus)
    return around(catalogue, found.unique_id, up=_steps(up), down=_steps(down))


def _steps(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None


def as_data(drawing: Drawing, focus: str) -> dict[str, Any]:
    """A drawing as the page's script reads it: lines by the places of their boxes."""
    place = {box.id: number for number, box in enumerate(drawing.boxes)}
    return {
        "width": drawing.width,
        "height": drawing.height,
        "box": [BOX_WIDTH, BOX_HEIGHT],
        "focus": place.get(focus, -1),
        "nodes": [[box.id, box.name, box.kind, box.state, box.x, box.y, box.dataset] for box in drawing.boxes],
        "edges": [[place[line.start], place[line.end]] for line in drawing.lines],
    }
