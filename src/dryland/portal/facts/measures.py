"""Measures how releases went and how good the data is, for pages and programs: from the catalogue and three queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean

from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.dataset import Dataset
from dryland.portal.facts.history import Chart, chart
from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.metrics import Metrics, metrics_of
from dryland.watch.quality_score import Score, score_of
from dryland.watch.score_trend import scores_at
from dryland.watch.scores import seen_of, with_incidents
from dryland.watch.targets import TARGETS, Target, values_of, weekly_values_of

WEEKS = (4, 13, 52)
"""The stretches of time that can be looked at."""
WEEKS_SHOWN = 13  # of one dataset
TRENDS_KEPT_S = 3_600
KEPT_S = 10  # what was measured is shown to others for so long


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure, what it should be, and how it went."""

    target: Target
    value: float | None
    weeks: tuple[float | None, ...]
    chart: Chart | None

    @property
    def is_reached(self) -> bool | None:
        """Whether it is what it should be."""
        return self.target.is_reached(self.value)


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody looks after, and how good it is."""

    owner: str
    datasets: int
    score: int
    worst: str  # unique id


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that is measured of one environment, until a moment."""

    metrics: Metrics
    measures: tuple[Measure, ...]
    scores: Mapping[str, Score]  # by unique id, the worst first
    owners: tuple[Looked, ...]  # the worst first


def measures_of(state: State, catalogue: Catalogue, weeks: int, now: datetime) -> Measures:
    """The measures of the last weeks; whoever asks within seconds of another gets the same."""
    key = ("measures", weeks, int(now.timestamp()) // KEPT_S)
    return catalogue.once(key, lambda: _measured(state, catalogue, weeks, now))


def score_in(state: State, catalogue: Catalogue, unique_id: str, now: datetime) -> Score | None:
    """The score of one dataset; None of what has none."""
    if unique_id not in wrong_in(state, catalogue, now):
        return _without_incidents(catalogue).get(unique_id)
    return _score(catalogue.datasets[unique_id], has_incident=True)


def trend_in(state: State, catalogue: Catalogue, unique_id: str, now: datetime) -> Chart | None:
    """The score of one dataset, week by week until now; read for all of them, once in an hour."""
    key = ("trends", int(now.timestamp()) // TRENDS_KEPT_S)
    weeks = catalogue.once(key, lambda: _trends(state, catalogue.environment, now))
    score = score_in(state, catalogue, unique_id, now)
    then = [(moment, float(scores[unique_id])) for moment, scores in weeks if unique_id in scores]
    return chart([*then, (now, float(score.value))], floor=0.0) if score else None


def _trends(state: State, environment: str, now: datetime) -> list[tuple[datetime, Mapping[str, int]]]:
    moments = [now - timedelta(weeks=weeks) for weeks in range(WEEKS_SHOWN, 0, -1)]
    with state.together():
        scored, incidents = state.scored(environment, before=now), state.incidents(environment)
    return [*zip(moments, scores_at(scored, incidents, moments), strict=True)]


def wrong_in(state: State, catalogue: Catalogue, now: datetime) -> frozenset[str]:
    """The datasets of which open incidents are, asked for once in a few seconds."""
    key = ("with incidents", int(now.timestamp()) // KEPT_S)
    return catalogue.once(key, lambda: with_incidents(state.incidents(catalogue.environment, is_open=True)))


def _ranked(state: State, catalogue: Catalogue, now: datetime) -> tuple[Mapping[str, Score], tuple[Looked, ...]]:
    """Scores by unique id and by owner, the worst first; made anew only where there are incidents of other datasets."""
    wrong = wrong_in(state, catalogue, now)

    def made() -> tuple[Mapping[str, Score], tuple[Looked, ...]]:
        found = dict(_without_incidents(catalogue))
        for unique_id in wrong & found.keys():
            if score := _score(catalogue.datasets[unique_id], has_incident=True):
                found[unique_id] = score
        ordered = dict(sorted(found.items(), key=lambda each: (each[1].value, each[0])))
        return ordered, _owners(catalogue, ordered)

    return catalogue.once(("ranked", wrong), made)


def _without_incidents(catalogue: Catalogue) -> Mapping[str, Score]:
    return catalogue.once("scores", lambda: _scores(catalogue.datasets.values()))


def _measured(state: State, catalogue: Catalogue, count: int, now: datetime) -> Measures:
    scores, owners = _ranked(state, catalogue, now)
    since = now - timedelta(weeks=count)
    metrics = metrics_of(state, catalogue.environment, scores, since=since, until=now)
    values, by_week = values_of(metrics), weekly_values_of(metrics)
    begins = [week.since for week in metrics.weeks]
    measures = tuple(
        Measure(
            each, values[each.measure], by_week.get(each.measure, ()), _chart(begins, by_week.get(each.measure, ()))
        )
        for each in TARGETS
    )
    return Measures(metrics, measures, scores, owners)


def _chart(begins: Sequence[datetime], values: Sequence[float | None]) -> Chart | None:
    known = [(begin, value) for begin, value in zip(begins, values, strict=False) if value is not None]
    return chart(known, floor=0.0)


def _scores(datasets: Iterable[Dataset]) -> dict[str, Score]:
    return {each.unique_id: score for each in datasets if (score := _score(each))}


def _score(dataset: Dataset, *, has_incident: bool = False) -> Score | None:
    """None of what readers do not see, or of what no file tells more of."""
    node, pointer = dataset.parts.node, dataset.parts.pointer
    if node is None or pointer is None:
        return None
    said = [(check.severity, check.verdict.status) for check in dataset.checks if check.verdict]
    return score_of(seen_of(node, pointer, said, has_incident=has_incident))


def _owners(catalogue: Catalogue, scores: Mapping[str, Score]) -> tuple[Looked, ...]:
    found: dict[str, list[str]] = {}
    for unique_id in scores:  # the worst first
        found.setdefault(catalogue.datasets[unique_id].owner, []).append(unique_id)
    looked = [
        Looked(owner, len(ids), round(fmean(scores[each].value for each in ids)), ids[0])
        for owner, ids in found.items()
    ]
    return tuple(sorted(looked, key=lambda each: (each.score, each.owner)))
