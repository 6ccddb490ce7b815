"""Shows incidents as somebody may see them: failing rows and words that may have values in them are for who sees those.

What is a person's is masked for everybody: incidents are passed on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from dryland.portal.facts.columns import columns_of
from dryland.portal.rows.sight import Sight
from dryland.portal.texts import TEXTS
from dryland.project.personal import EVERY
from dryland.state.incident_records import Incident, IncidentEvent, Symptom
from dryland.values import dataclass

KEPT_BACK = "***"
MEASURED = ("freshness", "schema")  # kinds whose words are made of measures, and never of a value
NUMBERS = ("value", "low", "high", "expected", "series")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one person sees of incidents."""

    sight: Sight

    def incident(self, incident: Incident) -> Incident:
        """The same incident, as he sees it."""
        if all(self._may_read(each) for each in incident.symptoms):
            return incident
        cause = self.sight.catalogue.name_of(incident.cause)
        return replace(
            incident, title=f"{cause}: {TEXTS['words_hidden']}",
            symptoms=tuple(self._symptom(each) for each in incident.symptoms),
        )  # fmt: skip

    def incidents(self, incidents: Iterable[Incident]) -> tuple[Incident, ...]:
        """The same of several."""
        return tuple(self.incident(each) for each in incidents)

    def events(self, incident: Incident, events: Iterable[IncidentEvent]) -> tuple[IncidentEvent, ...]:
        """Its history: what people said is for all who look, what was told by checks and the warehouse as above."""
        if all(self._may_read(each) for each in incident.symptoms):
            return tuple(events)
        return tuple(
            each if each.who or not each.message else replace(each, message=TEXTS["words_hidden"]) for each in events
        )

    def may_measure(self, symptom: Symptom) -> bool:
        """Whether he sees the numbers that a monitor told of."""
        return symptom.kind != "monitor" or self.sight.measures(symptom.dataset, symptom.subject)

    def _symptom(self, symptom: Symptom) -> Symptom:
        subject = symptom.subject if self.may_measure(symptom) else symptom.subject.partition("=")[0]
        return replace(symptom, subject=subject, message=self.message(symptom))

    def message(self, symptom: Symptom) -> str:
        """What was said of it."""
        return symptom.message if self._may_read(symptom) or not symptom.message else TEXTS["words_hidden"]

    def rows(self, symptom: Symptom) -> tuple[Mapping[str, Any], ...]:
        """The failing rows that are remembered, as he sees them; none where he sees no value of them."""
        kept = [each for each in symptom.evidence.get("rows") or () if isinstance(each, Mapping)]
        if not kept:
            return ()
        seen = {name for name in kept[0] if self._may_see_of(symptom, name)}
        if not seen:
            return ()
        return tuple({name: value if name in seen else KEPT_BACK for name, value in row.items()} for row in kept)

    def evidence(self, symptom: Symptom) -> dict[str, Any]:
        """Everything that was noted, with rows as he sees them."""
        rows = {"rows": list(self.rows(symptom))} if "rows" in symptom.evidence else {}
        said = {"message": self.message(symptom)} if "message" in symptom.evidence else {}
        shown = {**symptom.evidence, **rows, **said}
        return shown if self.may_measure(symptom) else {key: shown[key] for key in shown if key not in NUMBERS}

    def may_see(self, dataset: str, columns: Iterable[str]) -> bool:
        """Whether he sees all of these columns of a dataset as they are, and none of them is a person's."""
        known = self.sight.catalogue.datasets.get(dataset)
        personal = self._personal(dataset)
        if known is None or EVERY in personal:
            return False
        seen = {each.lower() for each in self.sight.columns(known)} - personal
        return {each.lower() for each in columns} <= seen

    def _may_read(self, symptom: Symptom) -> bool:
        """Whether the words of a symptom have nothing in them that he does not see."""
        if self.sight.person.is_local or symptom.kind in MEASURED:
            return True
        if symptom.kind == "monitor":
            return self.may_measure(symptom)
        if symptom.kind in ("check", "gate"):
            return self.sight.sees_what_it_says(symptom.subject)
        return self.sight.words(symptom.dataset, symptom.message) == symptom.message

    def _may_see_of(self, symptom: Symptom, name: str) -> bool:
        """A column of the dataset itself, or one that a check has made of whatever it reads: then of all of that."""
        asked = str(symptom.evidence.get("column") or "")
        if asked and not self.may_see(symptom.dataset, [asked]):
            return False
        if name.lower() in self._known(symptom.dataset):
            return self.may_see(symptom.dataset, [name])
        return all(
            self.sight.hides_nothing(each) and self.may_see(each, self._known(each)) for each in self._read_by(symptom)
        )

    def _read_by(self, symptom: Symptom) -> Collection[str]:
        """What a check reads; of one that left the project nobody knows, so it may be anything."""
        catalogue = self.sight.catalogue
        check = catalogue.rights.project.checks.get(symptom.subject) if catalogue.rights else None
        return {symptom.dataset, *check.refs} if check else {symptom.dataset, *catalogue.datasets}

    def _known(self, dataset: str) -> frozenset[str]:
        found = self.sight.catalogue.datasets.get(dataset)
        return frozenset(each.lower() for each in found.columns) if found else frozenset()

    def _personal(self, dataset: str) -> set[str]:
        catalogue = self.sight.catalogue
        found = catalogue.datasets.get(dataset)
        told = {each.name.lower() for each in columns_of(found) if each.is_personal} if found else set()
        return {*told, *(catalogue.rights.personal(dataset) if catalogue.rights else {EVERY})}
