"""Defines what readers of a warehouse see of a relation, and tells rows apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

OURS = "dryland_store"  # where Dryland keeps builds: no reader looks there
ROWS_SHOWN = 3

Rows = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Published:
    """One relation as readers see it: what must be equal, whoever made it."""

    name: str  # schema.name, with the database before it when that is not the target's own
    place: tuple[str, str, str]  # database, schema, name
    columns: tuple[tuple[str, str], ...]  # name and type, in order
    rows: int
    content: int  # an order-independent hash
    comments: tuple[tuple[str, str], ...] = ()  # what is said of the relation and of its columns
    error: str = ""  # why it cannot be read
    grants: tuple[tuple[str, str], ...] = ()  # who may do what, besides the owner
    storage: tuple[tuple[str, str], ...] = ()  # the indexes of the table behind it, and whether it has no log


class Warehouse(Protocol):
    """Where projects are played: on which kind of warehouse, and what its readers see."""

    kind: str

    def target(self) -> dict[str, Any]:
        """The target of every profile."""
        ...

    def standing(self, *copies: Path) -> AbstractContextManager[None]:
        """Where a warehouse of each copy stands."""
        ...

    def at_work_in(self, copy: Path) -> AbstractContextManager[None]:
        """Where somebody can carry out commands in a copy."""
        ...

    def change(self, copy: Path, statements: Sequence[str]) -> None:
        """Somebody else writes to a copy's warehouse."""
        ...

    def published(
        self, copy: Path, blotted: Mapping[str, Collection[str]], resorted: Collection[str] = ()
    ) -> dict[str, Published]:
        """Everything that readers see, by name; of `resorted` the columns by their names."""
        ...

    def rows(self, copy: Path, relation: Published, blotted: Collection[str]) -> Rows:
        """Every row with how often it is there, but for the columns that are not compared."""
        ...


def rows_only_in(rows: Rows, others: Rows) -> tuple[list[str], list[str]]:
    """The first rows that only one of two has, for people."""
    return _first(rows - others), _first(others - rows)


def _first(rows: Rows) -> list[str]:
    return ["(" + ", ".join(row) + ")" for row in sorted(rows.elements())[:ROWS_SHOWN]]
