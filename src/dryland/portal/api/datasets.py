"""Answers programs that ask for datasets: which there are, everything about one, what is made from what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dryland.portal.api.fields import NUMBER_MAX, Moment, Name, Text
from dryland.portal.door.people import Asking
from dryland.portal.drawing.graph import drawn
from dryland.portal.facts.columns import columns_of
from dryland.portal.facts.dataset import CheckStanding, Dataset
from dryland.portal.pages.catalogue import FACETS, ROWS_MAX, look_for
from dryland.portal.pages.dataset import dataset_named
from dryland.portal.pages.lineage import nodes_of
from dryland.portal.rows.sight import Sight
from dryland.portal.visits import Looking

router = APIRouter()
Pair = Annotated[list[str], Field(min_length=2, max_length=2)]


class DatasetLine(BaseModel):
    """A dataset as the catalogue lists it."""

    unique_id: str
    name: str
    kind: str
    layer: str
    state: str
    description: str
    owner: str
    tags: list[str]
    published: str
    rows: int | None
    built_at: Moment | None
    stale_since: str
    checks: int
    checks_passed: int


class DatasetPage(BaseModel):
    """Datasets that were found, fifty at a time."""

    environment: str
    total: int
    page: int
    pages: int
    datasets: list[DatasetLine]


class ColumnLine(BaseModel):
    """A column."""

    name: str
    type: str
    description: str
    tags: list[str]
    is_personal: bool
    constraints: list[str]
    null_share: float | None
    distinct: int | None
    least: str
    most: str


class CheckLine(BaseModel):
    """A check, and what it said last of what readers see."""

    check: str
    name: str
    kind: str
    column: str
    severity: str
    status: str
    failures: int | None
    message: str
    at: Moment | None


class DatasetDetails(DatasetLine):
    """Everything about one dataset."""

    contact: str
    path: str
    reads: list[str]
    readers: list[str]
    exposures: list[str]
    missing: list[str]
    stale_reason: str
    columns: list[ColumnLine]
    verdicts: list[CheckLine]


class Lineage(BaseModel):
    """Datasets, and from what is read to what reads it."""

    nodes: list[str]
    edges: list[Pair]


@router.get("/datasets", summary="Datasets by words and by what they are")
async def datasets(
    catalogue: Looking, q: Text = "", state: Text = "", kind: Text = "", layer: Text = "", owner: Text = "",
    tag: Text = "", page: Annotated[int, Query(ge=1, le=NUMBER_MAX)] = 1,
) -> DatasetPage:  # fmt: skip
    """Fifty at a time, the best first."""
    chosen = dict(zip(FACETS, (state, kind, layer, owner, tag), strict=True))
    found = look_for(catalogue, q, chosen, page)
    lines = [DatasetLine(**_line(each)) for each in found.datasets]
    assert len(lines) <= ROWS_MAX
    return DatasetPage(
        environment=catalogue.environment, total=found.total, page=found.page, pages=found.pages, datasets=lines
    )


@router.get("/datasets/{unique_id}", summary="Everything about one dataset")
async def dataset(catalogue: Looking, person: Asking, unique_id: Name) -> DatasetDetails:
    """By unique id or by short name. Values of columns are told where whoever asks sees them as they are."""
    found = dataset_named(catalogue, unique_id)
    sight = Sight(person, catalogue)
    columns = [
        ColumnLine(
            name=each.name, type=each.type, description=each.description, tags=list(each.tags),
            is_personal=each.is_personal, constraints=list(each.constraints), null_share=each.null_share,
            distinct=each.distinct, least=each.least, most=each.most,
        )
        for each in columns_of(found, sight.columns(found))
    ]  # fmt: skip
    return DatasetDetails(
        **_line(found), contact=found.contact, path=found.path, reads=list(found.reads), readers=list(found.readers),
        exposures=list(found.exposures), missing=list(found.missing), columns=columns,
        stale_reason=sight.words(found.unique_id, found.stale_reason),
        verdicts=[_check(each, sight) for each in found.checks],
    )  # fmt: skip


@router.get("/lineage", summary="What is made from what")
async def lineage(catalogue: Looking, focus: Text = "", up: Text = "all", down: Text = "all") -> Lineage:
    """All of it, or so many steps around one dataset."""
    nodes = nodes_of(catalogue, focus, up, down)
    drawing = drawn(catalogue, nodes)
    return Lineage(nodes=list(nodes), edges=[[line.start, line.end] for line in drawing.lines])


@router.get("/health", summary="What of the data is looked after")
async def health(catalogue: Looking) -> dict[str, Any]:
    """As `dryland health --json`."""
    return catalogue.health.as_json() if catalogue.health else {"score": None, "trouble": catalogue.trouble}


def _line(each: Dataset) -> dict[str, Any]:
    return {
        "unique_id": each.unique_id, "name": each.name, "kind": each.kind, "layer": each.layer, "state": each.state,
        "description": each.description, "owner": each.owner, "tags": list(each.tags), "published": each.published,
        "rows": each.rows, "built_at": each.built_at, "stale_since": each.stale_since, "checks": len(each.checks),
        "checks_passed": each.passed,
    }  # fmt: skip


def _check(each: CheckStanding, sight: Sight) -> CheckLine:
    verdict = each.verdict
    return CheckLine(
        check=each.unique_id, name=each.name, kind=each.kind, column=each.column, severity=each.severity,
        status=each.status, failures=verdict.failures if verdict else None,
        message=sight.message(verdict) if verdict else "", at=verdict.at if verdict else None,
    )  # fmt: skip
