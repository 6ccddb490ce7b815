"""Stands for a table in a template: prints as its quoted name and remembers that it was printed."""

from __future__ import annotations

from typing import Any

from dryland.engines.relation import Relation
from dryland.project.jinja.state import current

PARTS = ("database", "schema", "identifier")


class RelationValue:
    """What `ref`, `source` and `this` give to a template, with dbt's attributes."""

    def __init__(
        self, relation: Relation, stands_for: Any, *, kind: str = "", include: tuple[bool, bool, bool] = (True,) * 3,
        quote: tuple[bool, bool, bool] = (True,) * 3,
    ) -> None:  # fmt: skip
        self._relation = relation
        self._stands_for = stands_for
        self._kind = kind
        self._include = include
        self._quote = quote

    def __str__(self) -> str:
        text = self.render()
        if self._stands_for is not None:
            current().texts[text] = self._stands_for
        return text

    def __html__(self) -> str:
        return str(self)

    def __hash__(self) -> int:
        return hash(self._relation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RelationValue) and other._relation == self._relation

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + str(self)

    def render(self) -> str:
        """The name as SQL."""
        values = (self._relation.database, self._relation.schema, self._relation.name)
        shown = zip(values, self._include, self._quote, strict=True)
        return ".".join(_quoted(value) if quote else value for value, include, quote in shown if include and value)

    def include(self, database: bool = True, schema: bool = True, identifier: bool = True) -> RelationValue:
        """The same table, printed with fewer parts."""
        return self._with(include=(database, schema, identifier))

    def quote(self, database: bool = True, schema: bool = True, identifier: bool = True) -> RelationValue:
        """The same table, with parts left unquoted."""
        return self._with(quote=(database, schema, identifier))

    def without_identifier(self) -> RelationValue:
        """Its schema."""
        return self.include(identifier=False)

    def incorporate(self, path: dict[str, str] | None = None, type: str | None = None) -> RelationValue:  # noqa: A002
        """A table whose name differs in some parts."""
        path = path or {}
        mine = self.relation
        changed = Relation(
            path.get("database", mine.database), path.get("schema", mine.schema), path.get("identifier", mine.name)
        )
        return RelationValue(changed, None, kind=type or self._kind)

    @property
    def relation(self) -> Relation:
        """The exact name; asking for it means that the template looks closer than printing does."""
        current().looked_closer = True
        return self._relation

    @property
    def database(self) -> str:
        """Its database."""
        return self.relation.database

    @property
    def schema(self) -> str:
        """Its schema."""
        return self.relation.schema

    @property
    def identifier(self) -> str:
        """Its name without database and schema."""
        return self.relation.name

    name = table = alias = identifier

    @property
    def type(self) -> str:
        """`table`, `view`, or empty when nobody asked the warehouse."""
        return self._kind

    @property
    def is_table(self) -> bool:
        """Whether the warehouse said it is a table."""
        return self._kind == "table"

    @property
    def is_view(self) -> bool:
        """Whether the warehouse said it is a view."""
        return self._kind == "view"

    is_cte = False

    def _with(self, **changed: Any) -> RelationValue:
        kept: dict[str, Any] = {"kind": self._kind, "include": self._include, "quote": self._quote}
        return RelationValue(self._relation, self._stands_for, **{**kept, **changed})


class CteValue:
    """An ephemeral model in a template: prints as the name of its CTE."""

    def __init__(self, name: str, unique_id: str) -> None:
        self.name = self.identifier = name
        self._unique_id = unique_id
        self.is_cte = True

    def __str__(self) -> str:
        current().texts[self.name] = self._unique_id
        return self.name

    render = __str__


def cte_name(relation: Relation) -> str:
    """The name of the CTE that an ephemeral model becomes in its readers' SQL; dbt's."""
    return f"__dbt__cte__{relation.name}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
