"""Lists what somebody may ask about: datasets and columns as he sees them, from the catalogue alone."""

from __future__ import annotations

import re
from itertools import islice

from dryland.access.person import Person
from dryland.access.reading import ShownColumn
from dryland.access.rights import Rights
from dryland.errors import RightsError
from dryland.portal.code import KEYWORDS
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.dataset import Dataset
from dryland.values import dataclass

LISTED_MAX = 25
PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
COLUMNS_MAX = 60


@dataclass(frozen=True, slots=True)
class Readable:
    """A published dataset, as somebody would name it in a query, with the columns that he sees."""

    dataset: Dataset
    columns: tuple[ShownColumn, ...]
    types: dict[str, str]

    @property
    def name(self) -> str:
        """In a FROM, without its schema."""
        return self.dataset.parts.pointer.published[2] if self.dataset.parts.pointer else self.dataset.name

    @property
    def written(self) -> str:
        """The same with what makes it clear."""
        pointer = self.dataset.parts.pointer
        return ".".join(map(quoted, pointer.published[1:])) if pointer else quoted(self.dataset.name)


def readable_in(catalogue: Catalogue, person: Person, words: str) -> tuple[Readable, ...]:
    """The best that are found by words, of what he may read.

    Raises:
        ConfigError: a rule is about nothing; nobody reads until it is mended.
    """
    rights = catalogue.rights
    if rights is None:
        return ()
    found = (catalogue.datasets[uid] for uid in catalogue.index.find(words))
    told = (readable_as(rights, person, each) for each in found)
    return tuple(islice((each for each in told if each is not None), LISTED_MAX))


def readable_as(rights: Rights, person: Person, dataset: Dataset) -> Readable | None:
    """A dataset as somebody sees it; None where it is not published, or not for him."""
    parts = dataset.parts
    if parts.pointer is None or parts.pointer.is_resting or parts.build is None:
        return None
    try:
        columns = rights.shown(person, dataset.unique_id, [name for name, _ in parts.build.columns])
    except RightsError:
        return None
    return Readable(dataset, columns, {name: kind.lower() for name, kind in parts.build.columns})


def quoted(name: str) -> str:
    """A name as it is written in a query.

    >>> quoted("orders"), quoted("Order no."), quoted("order")
    ('orders', '"Order no."', '"order"')
    """
    return name if PLAIN.fullmatch(name) and name not in KEYWORDS else '"' + name.replace('"', '""') + '"'
