"""Shows who looks after what: each owner with the datasets, and what is missing of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import Response

from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.dataset import Dataset
from dryland.portal.visits import Visiting
from dryland.values import dataclass

router = APIRouter()
LISTED_MAX = 12  # datasets of one owner that are named; the catalogue has all


@dataclass(frozen=True, slots=True)
class Ownership:
    """Somebody, and what they look after; nobody has an empty name."""

    owner: str
    contact: str
    datasets: tuple[Dataset, ...]
    failing: int
    stale: int
    readers: int
    missing: tuple[tuple[str, int], ...]  # what several of them should have and do not


@router.get("/owners")
async def owners(visit: Visiting) -> Response:
    """Everybody; nobody comes last."""
    return visit.page(
        "owners.html",
        owners=visit.catalogue.once("owners", lambda: ownership_of(visit.catalogue)),
        listed_max=LISTED_MAX,
    )


def ownership_of(catalogue: Catalogue) -> tuple[Ownership, ...]:
    """By owner, those with the most datasets first."""
    found: dict[str, list[Dataset]] = {}
    for each in catalogue.datasets.values():
        found.setdefault(each.owner, []).append(each)
    order = sorted(found, key=lambda owner: (not owner, -len(found[owner]), owner))
    return tuple(_ownership(owner, found[owner]) for owner in order)


def _ownership(owner: str, datasets: Sequence[Dataset]) -> Ownership:
    missing = Counter(fact for each in datasets for fact in each.missing)
    worst = sorted(
        datasets, key=lambda each: (each.state != "failing", not each.stale_since, -len(each.missing), each.name)
    )
    return Ownership(
        owner,
        next((each.contact for each in datasets if each.contact), ""),
        tuple(worst),
        sum(each.state == "failing" for each in datasets),
        sum(bool(each.stale_since) for each in datasets),
        len({reader for each in datasets for reader in each.readers}),
        tuple(missing.most_common()),
    )
