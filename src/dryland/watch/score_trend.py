"""Says how good data was at earlier moments: what scores were made of then, and which incidents were open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from statistics import fmean

from dryland.state.incident_records import Incident
from dryland.state.observed import Scored
from dryland.watch.quality_score import points_of


def scores_at(
    scored: Sequence[Scored], incidents: Sequence[Incident], moments: Iterable[datetime]
) -> Iterator[dict[str, int]]:  # fmt: skip
    """The scores of all datasets at each of these moments, by unique id; all of it in the order of time."""
    parts: dict[str, tuple[float, float, float]] = {}
    plain: dict[str, int] = {}
    place = 0
    for moment in moments:
        while place < len(scored) and scored[place].at <= moment:
            each = scored[place]
            place += 1
            parts.pop(each.dataset, None)
            plain.pop(each.dataset, None)
            if each.parts is not None:
                parts[each.dataset] = each.parts
                plain[each.dataset] = points_of(each.parts, has_incident=False)
        wrong = _wrong_at(incidents, moment) & parts.keys()
        yield {**plain, **{dataset: points_of(parts[dataset], has_incident=True) for dataset in wrong}}


def means_at(
    scored: Sequence[Scored], incidents: Sequence[Incident], moments: Iterable[datetime]
) -> tuple[int | None, ...]:  # fmt: skip
    """The mean of all datasets at each of these moments; None where nothing is remembered yet."""
    return tuple(round(fmean(each.values())) if each else None for each in scores_at(scored, incidents, moments))


def _wrong_at(incidents: Iterable[Incident], moment: datetime) -> set[str]:
    """The datasets that had an incident: its cause while it was open, the others as long as something was wrong."""
    open_then = [
        each for each in incidents
        if each.opened_at <= moment and (each.resolved_at is None or moment < each.resolved_at)
    ]  # fmt: skip
    symptoms = (
        symptom.dataset for each in open_then for symptom in each.symptoms
        if symptom.first_at <= moment and (symptom.gone_at is None or moment < symptom.gone_at)
    )  # fmt: skip
    return {*(each.cause for each in open_then), *symptoms}
