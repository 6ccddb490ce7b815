"""Answers programs that ask how releases went and how good the data is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from dryland.portal.api.fields import Moment
from dryland.portal.door.people import needs
from dryland.portal.facts.measures import Measures, measures_of
from dryland.portal.visits import AtDesk, Looking

router = APIRouter()


class MeasureLine(BaseModel):
    """A measure, what it should be, and how it was week by week, the oldest first."""

    name: str
    unit: str
    value: float | None
    target: float
    is_reached: bool | None
    weeks: list[float | None]


class ScoreLine(BaseModel):
    """How good a dataset is, of 100, and for what points are missing."""

    unique_id: str
    score: int
    lost: dict[str, int]


class OwnerLine(BaseModel):
    """What somebody looks after; nobody has an empty name."""

    owner: str
    datasets: int
    score: int


class MetricsAnswer(BaseModel):
    """How releases went and how good the data is, until now."""

    environment: str
    since: Moment
    until: Moment
    week_begins: list[Moment]
    measures: list[MeasureLine]
    datasets: list[ScoreLine]
    owners: list[OwnerLine]


@router.get("/metrics", summary="How releases went, and how good the data is", dependencies=[needs("look")])
def metrics(catalogue: Looking, desk: AtDesk, weeks: Annotated[int, Query(ge=1, le=520)] = 13) -> MetricsAnswer:
    """Of so many weeks; the worst datasets and owners first."""
    return _answer(catalogue.environment, measures_of(desk.state, catalogue, weeks, desk.now))


def _answer(environment: str, found: Measures) -> MetricsAnswer:
    whole = found.metrics.whole
    measures = [
        MeasureLine(
            name=each.target.measure, unit=each.target.unit, value=each.value, target=each.target.value,
            is_reached=each.is_reached, weeks=list(each.weeks),
        )
        for each in found.measures
    ]  # fmt: skip
    scores = [ScoreLine(unique_id=name, score=each.value, lost=each.lost) for name, each in found.scores.items()]
    owners = [OwnerLine(owner=each.owner, datasets=each.datasets, score=each.score) for each in found.owners]
    return MetricsAnswer(
        environment=environment, since=whole.since, until=whole.until,
        week_begins=[week.since for week in found.metrics.weeks], measures=measures, datasets=scores, owners=owners,
    )  # fmt: skip
