"""Draws who is hit by an incident: what is made from the failing dataset, with its columns, its uses and consumers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dryland.portal.drawing.graph import Drawing, drawn_of
from dryland.portal.facts.catalogue import Catalogue
from dryland.state.incident_records import Incident
from dryland.values import dataclass

BOXES_MAX = 40  # more are listed only
UNDER_MAX = 28  # characters that a box has room for


@dataclass(frozen=True, slots=True)
class HitDataset:
    """A dataset downstream, with the columns that are hit; none: all of it."""

    unique_id: str
    columns: tuple[str, ...]
    owner: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Everybody whom it concerns."""

    columns: tuple[str, ...]  # of the failing dataset; none: all of it
    datasets: tuple[HitDataset, ...]
    exposures: tuple[Mapping[str, Any], ...]
    consumers: tuple[str, ...]
    drawing: Drawing | None = None

    @property
    def is_anybody(self) -> bool:
        """Whether there is anything downstream."""
        return bool(self.datasets or self.exposures or self.consumers)


def hit_by(incident: Incident, catalogue: Catalogue) -> Hit:
    """What was noted with the incident, and the picture of it."""
    noted = incident.hit
    datasets = tuple(
        HitDataset(str(each["id"]), tuple(each.get("columns", ())), str(each.get("owner") or ""))
        for each in noted.get("datasets", ())
    )
    found = Hit(
        tuple(noted.get("columns", ())), datasets, tuple(noted.get("exposures", ())), tuple(noted.get("consumers", ()))
    )
    boxes = 1 + len(datasets) + len(found.exposures) + len(found.consumers)
    return replace(found, drawing=_drawing(incident.cause, found, catalogue) if 1 < boxes <= BOXES_MAX else None)


def _drawing(cause: str, hit: Hit, catalogue: Catalogue) -> Drawing:
    under = {cause: _listed(hit.columns), **{each.unique_id: _listed(each.columns) for each in hit.datasets}}
    names = {str(each["name"]) for each in hit.exposures}
    exposures = [uid for uid, each in catalogue.exposures.items() if each.name in names]
    consumers = [f"consumer\n{each}" for each in hit.consumers]
    reads: dict[str, Sequence[str]] = {
        uid: catalogue.datasets[uid].reads if uid in catalogue.datasets else () for uid in under
    }
    reads |= {uid: catalogue.exposures[uid].depends_on for uid in exposures}
    reads |= {each: _read_by(each.partition("\n")[2], under, catalogue) or (cause,) for each in consumers}

    def facts(uid: str) -> tuple[str, str, str, str]:
        if uid in consumers:
            return uid.partition("\n")[2], "consumer", "", ""
        found = catalogue.datasets.get(uid)
        kind = found.kind if found else "exposure" if uid in catalogue.exposures else uid.partition(".")[0]
        return catalogue.name_of(uid), kind, found.state if found else "", uid if found else ""

    drawing = drawn_of([*under, *exposures, *consumers], reads, facts, cause)
    boxes = tuple(replace(box, under=under.get(box.id, "")) for box in drawing.boxes)
    return replace(drawing, boxes=boxes)


def _read_by(consumer: str, datasets: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The datasets whose `meta` names a consumer."""
    return tuple(uid for uid in datasets if consumer in _consumers(uid, catalogue))


def _consumers(unique_id: str, catalogue: Catalogue) -> Sequence[str]:
    found = catalogue.datasets.get(unique_id)
    described = (found.parts.node or found.parts.source) if found else None
    named = described.meta.get("consumers") if described else None
    return [str(each) for each in named] if isinstance(named, list | tuple) else [str(named)] if named else []


def _listed(columns: Sequence[str]) -> str:
    text = ", ".join(columns)
    return text if len(text) <= UNDER_MAX else f"{text[: UNDER_MAX - 1]}…"
