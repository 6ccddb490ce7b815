"""Shows the catalogue: every dataset, found by words and narrowed by what it is; the address says all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from fastapi.responses import Response

from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.dataset import STATES, Dataset
from dryland.portal.visits import Visiting
from dryland.values import dataclass

router = APIRouter()
ROWS_MAX = 50  # of one page
FACETS = ("state", "kind", "layer", "owner", "tag")
FACET_MAX = 30  # values of one facet, those with the most datasets
Facets = Mapping[str, tuple[tuple[str, int], ...]]  # by facet, values with how many there are
NOBODY = "-"  # the owner of what has none, in an address


@dataclass(frozen=True, slots=True)
class Found:
    """Datasets that are looked for, one page of them, and how they divide."""

    datasets: tuple[Dataset, ...]
    total: int
    facets: Facets
    text: str
    chosen: Mapping[str, str]
    page: int
    pages: int


@router.get("/datasets")
async def catalogue(visit: Visiting, q: str = "", page: int = 1) -> Response:
    """The list, or, while somebody types, the part of it that changes."""
    chosen = {facet: visit.parameters.get(facet, "") for facet in FACETS}
    found = look_for(visit.catalogue, q[:200], chosen, page)
    return visit.page("found.html" if visit.is_partial else "catalogue.html", found=found)


def look_for(catalogue: Catalogue, text: str, chosen: Mapping[str, str], page: int = 1) -> Found:
    """Datasets by words and facets, one page of them."""
    key = ("found", text, *chosen.items())
    kept, facets = catalogue.once(key, lambda: _sifted(catalogue, text, chosen))
    pages = max((len(kept) + ROWS_MAX - 1) // ROWS_MAX, 1)
    page = min(max(page, 1), pages)
    shown = tuple(kept[(page - 1) * ROWS_MAX : page * ROWS_MAX])
    return Found(shown, len(kept), facets, text, dict(chosen), page, pages)


def _sifted(catalogue: Catalogue, text: str, chosen: Mapping[str, str]) -> tuple[Sequence[Dataset], Facets]:
    """All that is found; each facet counts what there would be without its own choice."""
    hits = [catalogue.datasets[uid] for uid in catalogue.index.find(text)]
    wanted = {facet: value for facet, value in chosen.items() if value}
    kept = [each for each in hits if all(value in values_of(each, facet) for facet, value in wanted.items())]
    return kept, {facet: _counted(_without(hits, wanted, facet), facet) for facet in FACETS}


def values_of(dataset: Dataset, facet: str) -> tuple[str, ...]:
    """What a dataset is, by one facet."""
    if facet == "tag":
        return dataset.tags
    if facet == "owner":
        return (dataset.owner or NOBODY,)
    return (str(getattr(dataset, facet)),)


def _without(hits: Sequence[Dataset], wanted: Mapping[str, str], facet: str) -> Sequence[Dataset]:
    others = [(name, value) for name, value in wanted.items() if name != facet]
    return [each for each in hits if all(value in values_of(each, name) for name, value in others)] if others else hits


def _counted(datasets: Sequence[Dataset], facet: str) -> tuple[tuple[str, int], ...]:
    counts = Counter(value for each in datasets for value in values_of(each, facet) if value)
    if facet == "state":
        return tuple((state, counts[state]) for state in STATES if counts[state])
    return tuple(sorted(counts.most_common(FACET_MAX), key=lambda each: (-each[1], each[0])))
