"""Finds datasets by words, as fast as somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.portal.facts.dataset import Dataset

WORDS_MAX = 8  # that somebody types; more narrow nothing
EXACT, START, NAME, COLUMN, ABOUT = 100, 60, 40, 12, 6
"""How much a word counts: it is the name, begins it, is in it, is in a column's name, is in what is written."""


@dataclass(frozen=True, slots=True)
class _Entry:
    unique_id: str
    name: str
    columns: str
    about: str
    whole: str
    readers: int


@dataclass(frozen=True)
class Index:
    """The words of every dataset, in lower case."""

    entries: tuple[_Entry, ...]

    @staticmethod
    def of(datasets: Iterable[Dataset]) -> Index:
        """Everything that is known of them as text."""
        return Index(tuple(_entry(each) for each in datasets))

    def find(self, text: str) -> list[str]:
        """Unique ids of the datasets in which every word is, the best first; all of them by name without a word."""
        words = text.lower().split()[:WORDS_MAX]
        if not words:
            return [each.unique_id for each in sorted(self.entries, key=lambda each: each.name)]
        found = [(_score(each, words), each) for each in self.entries if all(word in each.whole for word in words)]
        found.sort(key=lambda each: (-each[0], -each[1].readers, each[1].name))
        return [each.unique_id for _, each in found]


def _entry(dataset: Dataset) -> _Entry:
    name = dataset.name.lower()
    columns = " ".join(dataset.columns).lower()
    told = [str(each.get("description", "")) for each in dataset.parts.metadata.get("columns", ())]
    about = "\n".join(
        (dataset.description, dataset.owner, *dataset.tags, dataset.layer, dataset.kind, dataset.published, *told)
    ).lower()
    return _Entry(dataset.unique_id, name, columns, about, f"{name}\n{columns}\n{about}", len(dataset.readers))


def _score(entry: _Entry, words: Sequence[str]) -> int:
    return sum(_weight(entry, word) for word in words)


def _weight(entry: _Entry, word: str) -> int:
    if word == entry.name:
        return EXACT
    if entry.name.startswith(word):
        return START
    if word in entry.name:
        return NAME
    return COLUMN if word in entry.columns else ABOUT
