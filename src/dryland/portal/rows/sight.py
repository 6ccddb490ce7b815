"""Decides which remembered values somebody sees: ends of columns, rows that failed a check, what a check said of them.

They went into the metadata past the desk, so whoever shows any of them asks here. A value is shown where its column is
seen as it is; rows, and words that may have values in them, where every column of every dataset behind them is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from dryland.access.person import Person
from dryland.errors import ConfigError
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.dataset import Dataset
from dryland.portal.texts import TEXTS
from dryland.release.at_work import said_of
from dryland.state.records import Run, Verdict
from dryland.values import dataclass

READS_BLOCKED = re.compile(r"reads (.+), which is blocked")
COUNTED = ("duration", "cost", "freshness", "schema", "nulls", "distinct", "unique")  # monitors that tell of no value
Sample = tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person sees of what is remembered of the datasets of an environment."""

    person: Person
    catalogue: Catalogue
    _known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def columns(self, dataset: Dataset) -> frozenset[str]:
        """The columns whose values he sees as they are; decided once for each dataset."""
        if dataset.unique_id not in self._known:
            self._known[dataset.unique_id] = self._columns(dataset)
        return self._known[dataset.unique_id]

    def is_open(self, dataset: Dataset) -> bool:
        """Whether he sees all of it as it is; of what nobody knows the columns of, that is not said."""
        if self.person.is_local:
            return True
        if not dataset.columns or self.columns(dataset) != frozenset(dataset.columns):
            return False
        return self.hides_nothing(dataset.unique_id)

    def hides_nothing(self, unique_id: str) -> bool:
        """Whether he sees every column that it may ever have had: what is remembered may be of another build."""
        rights = self.catalogue.rights
        try:
            return rights is not None and rights.hides_nothing(self.person, unique_id)
        except ConfigError:
            return False

    def measures(self, unique_id: str, monitor: str) -> bool:
        """Whether what a monitor says of a dataset has nothing in it of values that he does not see."""
        kind, _, what = monitor.partition(":")
        if self.person.is_local or kind in COUNTED or monitor == "volume":
            return True
        dataset = self.catalogue.datasets.get(unique_id)
        if dataset is None:
            return False
        if kind == "metric":  # SQL of any kind
            return self.is_open(dataset)
        column = what.partition("=")[0] if kind == "volume" else what
        return column.lower() in {name.lower() for name in self.columns(dataset)}

    def rows(self, verdict: Verdict) -> Sample:
        """The failing rows, where he sees all of what they were found in."""
        return verdict.sample if self._is_open_behind(verdict.check) else ()

    def message(self, verdict: Verdict) -> str:
        """What the check said; where that may have values in it that he does not see, how many rows it found."""
        if not verdict.message or self.sees_what_it_says(verdict.check):
            return verdict.message
        return TEXTS["rows_found"].format(count=f"{verdict.failures:,}")

    def sees_what_it_says(self, check: str) -> bool:
        """Whether the words of a check have no value in them that he does not see."""
        return self._is_open_behind(check) or self._is_of_plain_column(check)

    def words(self, unique_id: str, text: str) -> str:
        """What was said of a dataset, by a check or the warehouse: it may have values in it, its names have none."""
        dataset = self.catalogue.datasets.get(unique_id)
        if self.person.is_local or not text or (dataset is not None and self._is_open_above(dataset)):
            return text
        above = READS_BLOCKED.fullmatch(text)
        if above and all(name in self.catalogue.by_name for name in above[1].split(", ")):
            return text
        check = text.partition(": ")[0]
        is_named = dataset is not None and check in {each.name for each in dataset.checks}
        return f"{check}: {TEXTS['words_hidden']}" if is_named else TEXTS["words_hidden"]

    def said_of(self, run: Run) -> str:
        """How a run ended; what the warehouse said then is for those who run."""
        may_see = self.person.may("release") or "error" not in run.summary
        return said_of(run) if may_see else TEXTS["words_hidden"]

    def _is_open_behind(self, check: str) -> bool:
        behind = datasets_behind(self.catalogue).get(check, ())
        return self.person.is_local or (bool(behind) and all(self.is_open(dataset) for dataset, _ in behind))

    def _is_open_above(self, dataset: Dataset) -> bool:
        """Whether he sees it and whatever its rows are read from: an error quotes values of what is read."""
        ahead, met = [dataset.unique_id], {dataset.unique_id}
        while ahead:
            found = self.catalogue.datasets.get(ahead.pop())
            if found is None or not self.is_open(found):
                return False
            node = found.parts.node
            if found is dataset or (node is not None and node.materialized == "view"):
                above = {*found.reads, *(node.depends_on if node else ())} - met
                met |= above
                ahead += above
        return True

    def _is_of_plain_column(self, check: str) -> bool:
        """Whether it asks one dataset of one column, which he sees."""
        behind = datasets_behind(self.catalogue).get(check, ())
        if len(behind) != 1:
            return False
        (dataset, column), *_ = behind
        return bool(column) and column.lower() in {name.lower() for name in self.columns(dataset)}

    def _columns(self, dataset: Dataset) -> frozenset[str]:
        rights = self.catalogue.rights
        if not self.person.may("read"):
            return frozenset()
        if rights is None:
            return frozenset(dataset.columns if self.person.is_local else ())
        try:
            return rights.plain(self.person, dataset.unique_id, dataset.columns)
        except ConfigError:  # a rule is about nothing any more: until it is mended nobody can tell
            return frozenset()


def datasets_behind(catalogue: Catalogue) -> Mapping[str, list[tuple[Dataset, str]]]:
    """By check, all datasets that it reads, each with the column that it asks of it."""
    return catalogue.once("behind checks", lambda: _behind_checks(catalogue))


def _behind_checks(catalogue: Catalogue) -> Mapping[str, list[tuple[Dataset, str]]]:
    made: dict[str, dict[str, tuple[Dataset, str]]] = {}
    for dataset in catalogue.datasets.values():
        for check in dataset.checks:
            made.setdefault(check.unique_id, {})[dataset.unique_id] = (dataset, check.column)
    written = catalogue.rights.project.checks if catalogue.rights else {}
    for uid, datasets in made.items():
        for ref in written[uid].refs if uid in written else ():
            if ref in catalogue.datasets:
                datasets.setdefault(ref, (catalogue.datasets[ref], ""))
    return {uid: list(datasets.values()) for uid, datasets in made.items()}
