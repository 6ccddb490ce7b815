"""Names a table or view in a warehouse, and its columns."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Literal

from dryland.values import dataclass

BESIDE = "__in"  # ends the name of a table that is filled beside the one whose place it takes


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """A table or view by its three-part name; the parts are unquoted and exact."""

    database: str
    schema: str
    name: str
    expression: str = field(default="", kw_only=True)  # SQL that stands for it where it is no table: of files
    unquoted: frozenset[str] = field(default=frozenset(), compare=False, kw_only=True)  # in what templates print

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def folded(self) -> Relation:
        """The name as warehouses compare it that take `Orders` and `orders` for one."""
        return Relation(self.database.lower(), self.schema.lower(), self.name.lower())


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


def reads_schema(sql: str, schema: str) -> bool:
    """Whether a view's SQL names something in this schema.

    >>> reads_schema("CREATE VIEW a AS SELECT * FROM dryland_store.a__1", "dryland_store")
    True
    >>> reads_schema("CREATE VIEW b AS SELECT * FROM my_dryland_store.b", "dryland_store")
    False
    """
    return re.search(rf'(?<![\w$])"?{re.escape(schema)}"?\s*\.', sql, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class BoundView:
    """A view that is bound to a relation itself, and not to its name: it is in the way when that relation goes."""

    name: Relation
    reads: Relation
    columns: tuple[str, ...]  # of what it reads
    can_be_bound_anew: bool = True


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a table gets once it is filled."""

    columns: tuple[str, ...]  # each is an expression in the warehouse's SQL, and has been read as such
    is_unique: bool = False
    method: str = ""  # `btree`, `gin`, ...; empty leaves it to the warehouse


@dataclass(frozen=True, slots=True)
class Storage:
    """How a table is kept, where the warehouse leaves that to us; whoever has no such choice passes over it."""

    indexes: tuple[Index, ...] = ()
    is_unlogged: bool = False  # quicker to write, and empty after a crash of the server

    @property
    def unlogged(self) -> str:
        """The word before TABLE."""
        return "UNLOGGED " if self.is_unlogged else ""
