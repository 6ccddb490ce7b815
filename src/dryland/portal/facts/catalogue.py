"""Defines the catalogue: everything that an environment shows at one moment, found by name, word and relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from dryland.access.rights import Rights
from dryland.health.report import Health
from dryland.plan.order import reach
from dryland.portal.facts.answers import Answers
from dryland.portal.facts.dataset import STATES, Dataset
from dryland.portal.facts.search import Index
from dryland.project.uses import Exposure
from dryland.sql.meaning import Meaning
from dryland.state.records import Environment, Release

T = TypeVar("T")


@dataclass(frozen=True)
class Catalogue:
    """One environment at one moment; it never changes, so that any number of requests read it at once."""

    environment: str
    is_default: bool
    live: Release | None
    datasets: Mapping[str, Dataset]  # by unique id
    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    environments: tuple[Environment, ...] = ()
    health: Health | None = None  # None while the project's files cannot be read
    trouble: str = ""  # why they cannot
    project: str = ""
    made_at: datetime | None = None
    rights: Rights | None = None  # who sees which values; None: nobody can tell, for the files cannot be read
    _worked_out: Answers = field(default_factory=Answers, repr=False, compare=False)

    @cached_property
    def index(self) -> Index:
        """Finds datasets by words."""
        return Index.of(self.datasets.values())

    @cached_property
    def by_name(self) -> Mapping[str, Dataset]:
        """By short name, as people type it; of several with one name the first."""
        found: dict[str, Dataset] = {}
        for each in self.datasets.values():
            found.setdefault(each.name, each)
        return found

    @cached_property
    def meanings(self) -> Mapping[str, Meaning]:
        """What each released node means, which tells where its columns come from."""
        bodies = {uid: each.parts.definition.body for uid, each in self.datasets.items() if each.parts.definition}
        return {uid: Meaning.from_json(body["meaning"]) for uid, body in bodies.items() if "meaning" in body}  # type: ignore[arg-type]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many datasets are in each state."""
        counts: dict[str, int] = dict.fromkeys(STATES, 0)
        for each in self.datasets.values():
            counts[each.state] += 1
        return counts

    def knows(self, key: object) -> bool:
        """Whether that was worked out already."""
        return key in self._worked_out

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What follows from the catalogue alone, worked out for the first who asks and given to all others."""
        return self._worked_out.once(key, make)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each dataset and exposure stands in the catalogue's order, by unique id."""
        return {uid: place for place, uid in enumerate((*self.datasets, *self.exposures))}

    @cached_property
    def users(self) -> Mapping[str, tuple[str, ...]]:
        """The exposures that are made from a dataset, by its unique id."""
        found: dict[str, list[str]] = {}
        for uid, exposure in self.exposures.items():
            for each in exposure.depends_on:
                found.setdefault(each, []).append(uid)
        return {uid: tuple(users) for uid, users in found.items()}

    @cached_property
    def wrong(self) -> tuple[Dataset, ...]:
        """What fails or is stale: failing ones first, then those that most others read."""
        found = (each for each in self.datasets.values() if each.state == "failing" or each.stale_since)
        return tuple(sorted(found, key=lambda each: (each.state != "failing", -len(each.readers), each.name)))

    def find(self, name: str) -> Dataset | None:
        """A dataset by unique id or by short name."""
        return self.datasets.get(name) or self.by_name.get(name)

    def name_of(self, unique_id: str) -> str:
        """The short name of a dataset or exposure."""
        if unique_id in self.datasets:
            return self.datasets[unique_id].name
        if unique_id in self.exposures:
            return self.exposures[unique_id].name
        return unique_id.split(".", 2)[-1]

    def above(self, unique_id: str, depth: int | None = None) -> frozenset[str]:
        """What it is made from, directly or not."""
        return reach([unique_id], lambda each: self.datasets[each].reads if each in self.datasets else (), depth)

    def below(self, unique_id: str, depth: int | None = None) -> frozenset[str]:
        """What is made from it, directly or not."""
        return reach([unique_id], lambda each: self.datasets[each].readers if each in self.datasets else (), depth)
