"""Names a table or view in a warehouse, and its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """A table or view by its three-part name; the parts are unquoted and exact."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and the engine's own name of its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Found:
    """A relation that exists in the warehouse."""

    relation: Relation
    kind: Literal["table", "view"]
    definition: str = ""  # a view's SQL, as the engine tells it; empty for tables
