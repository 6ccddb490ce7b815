"""Decides which values of failing rows somebody sees: what is a person's, or kept from him by a rule, is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dryland.access.person import Person
from dryland.access.rights import EVERY, Rights
from dryland.portal.catalogue import Catalogue
from dryland.portal.columns import columns_of
from dryland.state.incident_records import Symptom

KEPT_BACK = "***"


@dataclass(frozen=True, slots=True)
class Values:
    """Who looks, at what, and under which rules."""

    rights: Rights
    person: Person
    catalogue: Catalogue

    def may_see(self, dataset: str, columns: Iterable[str]) -> bool:
        """Whether he sees all of these columns of a dataset as they are, and none of them is a person's."""
        personal = self._personal(dataset)
        return EVERY not in personal and all(
            each.lower() not in personal and self.rights.is_plain(self.person, dataset, each) for each in columns
        )

    def rows(self, symptom: Symptom) -> tuple[Mapping[str, Any], ...]:
        """The failing rows that are remembered, as he sees them; none where he sees no value of them."""
        kept = [each for each in symptom.evidence.get("rows") or () if isinstance(each, Mapping)]
        if not kept:
            return ()
        seen = {name for name in kept[0] if self._may_see_of(symptom, name)}
        return tuple(
            {name: value if name in seen else KEPT_BACK for name, value in row.items()} for row in kept
        ) if seen else ()  # fmt: skip

    def evidence(self, symptom: Symptom) -> dict[str, Any]:
        """Everything that was noted, with rows as he sees them."""
        return {**symptom.evidence, "rows": list(self.rows(symptom))} if "rows" in symptom.evidence else {
            **symptom.evidence
        }  # fmt: skip

    def _may_see_of(self, symptom: Symptom, name: str) -> bool:
        """A column of the dataset itself, or one that a check has made of whatever it reads: then of all of that."""
        asked = str(symptom.evidence.get("column") or "")
        if asked and not self.may_see(symptom.dataset, [asked]):
            return False
        if name.lower() in self._known(symptom.dataset):
            return self.may_see(symptom.dataset, [name])
        check = self.rights.project.checks.get(symptom.subject)
        if check is None:  # it left the project: what it read may have been anything
            return False
        return all(self.may_see(each, self._known(each)) for each in {symptom.dataset, *check.refs})

    def _known(self, dataset: str) -> frozenset[str]:
        found = self.catalogue.datasets.get(dataset)
        return frozenset(each.lower() for each in found.columns) if found else frozenset()

    def _personal(self, dataset: str) -> Collection[str]:
        found = self.catalogue.datasets.get(dataset)
        told = {each.name.lower() for each in columns_of(found) if each.is_personal} if found else set()
        return {*told, *self.rights.personal(dataset)}
