"""Stands for a table in a template: prints as its quoted name and remembers that it was printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import ConfigError
from dryland.project.jinja.cte import CTE_PREFIX
from dryland.project.jinja.relation_parts import PARTS, RENAMED, ByName, InformationSchema, Path, Policy, own_kind
from dryland.project.jinja.state import current

EVERY_PART = Policy()
NAME_LENGTH_MAX = 63
EVERY_ROW = "/* every row */"  # ends the text of a relation that is not to be narrowed to a batch


class RelationValue(ByName):
    """What `ref`, `source` and `this` give to a template, with dbt's attributes; `api.Relation` is the class itself."""

    Table, View, CTE, External, MaterializedView = "table", "view", "cte", "external", "materialized_view"
    is_cte = is_pointer = is_function = False
    quote_character = '"'

    def __init__(
        self, relation: Relation, stands_for: Any, *, kind: str = "", include: Policy = EVERY_PART,
        quote: Policy | None = None,
    ) -> None:  # fmt: skip
        self._relation = relation
        self._stands_for = stands_for
        self._kind = kind
        self._include = include
        self._quote = quote  # None: as the relation's own `quoting` has it

    @classmethod
    def create(
        cls,
        database: str | None = None,
        schema: str | None = None,
        identifier: str | None = None,
        type: str | None = None,  # noqa: A002 - dbt names it so
        quote_policy: Mapping[str, Any] | None = None,
        include_policy: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> RelationValue:
        """A name with the parts that are given; what is not given is not printed."""
        return cls(
            Relation(str(database or ""), str(schema or ""), str(identifier or "")), None, kind=str(type or ""),
            include=Policy().changed(include_policy or {}), quote=Policy().changed(quote_policy or {}),
        )  # fmt: skip

    @staticmethod
    def add_ephemeral_prefix(name: str) -> str:
        """The name of the CTE that an ephemeral model becomes."""
        return f"{CTE_PREFIX}{name}"

    @staticmethod
    def get_default_quote_policy() -> Policy:
        """Every part of a name is quoted."""
        return Policy()

    get_default_include_policy = get_default_quote_policy

    def __str__(self) -> str:
        return self._remembered(self._text())

    def __repr__(self) -> str:
        return f"<Relation {self._text()}>"

    def __html__(self) -> str:
        return str(self)

    def __hash__(self) -> int:
        return hash(self._relation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RelationValue) and self._compared == other._compared

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + str(self)

    def render(self) -> str:
        """The name as SQL; of an input of a microbatch model all of its rows, where printing it means the batch's."""
        is_in_batch = self._stands_for is not None and "batch" in current().scope.model
        return self._remembered(f"{self._text()} {EVERY_ROW}" if is_in_batch else self._text())

    def _remembered(self, text: str) -> str:
        if self._stands_for is not None:
            current().texts[text] = self._stands_for
            current().printed[text] = self
        return text

    def named(self, relation: Relation, stands_for: Any) -> RelationValue:
        """Another table's name, printed with the same parts."""
        return self._with(relation=relation, stands_for=stands_for)

    def _text(self) -> str:
        if self._relation.expression:
            return self._relation.expression
        values = (self._relation.database, self._relation.schema, self._relation.name)
        shown = zip(PARTS, values, strict=True)
        return ".".join(self._part(part, value) for part, value in shown if value and getattr(self._include, part))

    def quoted(self, identifier: str) -> str:
        """An identifier, quoted."""
        return '"' + identifier.replace('"', '""') + '"'

    def include(
        self, database: bool | None = None, schema: bool | None = None, identifier: bool | None = None
    ) -> RelationValue:
        """The same table, printed with other parts."""
        given = dict(zip(PARTS, (database, schema, identifier), strict=True))
        return self._with(include=self._include.changed(given))

    def quote(
        self, database: bool | None = None, schema: bool | None = None, identifier: bool | None = None
    ) -> RelationValue:
        """The same table, with other parts quoted."""
        current().looked_closer = True  # which are quoted otherwise is known with the name
        given = dict(zip(PARTS, (database, schema, identifier), strict=True))
        return self._with(quote=self._quoted.changed(given))

    def without_identifier(self) -> RelationValue:
        """Its schema."""
        return self.include(identifier=False).replace_path(identifier=None)

    def incorporate(self, path: Mapping[str, Any] | None = None, type: str | None = None, **_: Any) -> RelationValue:  # noqa: A002
        """The table whose name differs in some parts, or that is of another type."""
        found = self.replace_path(**path) if path else self
        return found._with(kind=type) if type else found

    def replace_path(self, **path: Any) -> RelationValue:
        """The table whose name differs in some parts; a part that is None is not printed."""
        mine = self.relation
        now = {"database": mine.database, "schema": mine.schema, "identifier": mine.name, **path}
        if now == {"database": mine.database, "schema": mine.schema, "identifier": mine.name}:
            return self
        database, schema, name = (str(now[part]) if now[part] is not None else "" for part in PARTS)
        changed = Relation(database, schema, name, expression=mine.expression, unquoted=mine.unquoted)
        return self._with(relation=changed, stands_for=None)

    def replace(self, type: str | None = None, path: Any = None, **_: Any) -> RelationValue:  # noqa: A002
        """The table with another name or type."""
        parts = {part: getattr(path, part) for part in PARTS} if path is not None else None
        return self.incorporate(parts, type)

    def matches(self, database: str | None = None, schema: str | None = None, identifier: str | None = None) -> bool:
        """Whether the parts that are given are its own, as the warehouse compares them."""
        asked = dict(zip(PARTS, (database, schema, identifier), strict=True))
        given = {part: value for part, value in asked.items() if value is not None}
        if not given:
            raise ConfigError("`matches` needs a database, a schema or an identifier.", hint="matches(identifier='x')")
        return all(str(getattr(self, part) or "").lower() == str(value).lower() for part, value in given.items())

    def information_schema(self, view_name: Any = None) -> InformationSchema:
        """The information schema of its database."""
        return InformationSchema(self.database or "", view_name if isinstance(view_name, str) else "")

    def information_schema_only(self) -> InformationSchema:
        """The information schema of its database."""
        return self.information_schema()

    @property
    def relation(self) -> Relation:
        """The exact name; asking for it means that the template looks closer than printing does."""
        current().looked_closer = True
        return self._relation

    @property
    def stands_for(self) -> Any:
        """The node or source behind it, where there is one."""
        return self._stands_for

    @property
    def path(self) -> Path:
        """The parts of its name."""
        return Path(self.database, self.schema, self.identifier)

    @property
    def database(self) -> str | None:
        """Its database."""
        return self.relation.database or None

    @property
    def schema(self) -> str | None:
        """Its schema."""
        return self.relation.schema or None

    @property
    def identifier(self) -> str | None:
        """Its name without database and schema."""
        return self.relation.name or None

    name = table = alias = identifier

    @property
    def type(self) -> str | None:
        """`table` or `view`; None when nobody said."""
        return self._kind or None

    @property
    def is_table(self) -> bool:
        """Whether the warehouse said it is a table."""
        return self._kind == "table"

    @property
    def is_view(self) -> bool:
        """Whether the warehouse said it is a view."""
        return self._kind == "view"

    @property
    def is_materialized_view(self) -> bool:
        """Whether the warehouse, or the template, said it is a materialized view."""
        return self._kind == self.MaterializedView

    @property
    def can_be_renamed(self) -> bool:
        """Whether dbt's adapter gives such relations another name."""
        return self._kind in RENAMED.get(own_kind(), ())

    can_be_replaced = can_be_renamed

    def relation_max_name_length(self) -> int:
        """How many characters of a name PostgreSQL keeps; dbt's adapter for it has this."""
        return NAME_LENGTH_MAX

    @property
    def quote_policy(self) -> Policy:
        """Which parts of its name are quoted."""
        current().looked_closer = True
        return self._quoted

    @property
    def include_policy(self) -> Policy:
        """Which parts of its name are printed."""
        return self._include

    @property
    def _quoted(self) -> Policy:
        return self._quote or Policy(*(part not in self._relation.unquoted for part in PARTS))

    @property
    def _compared(self) -> tuple[Any, ...]:
        return self._relation, self._kind, self._include, self._quoted

    def _part(self, part: str, value: str) -> str:
        return self.quoted(value) if getattr(self._quoted, part) else value

    def _with(self, **changed: Any) -> RelationValue:
        mine: dict[str, Any] = {
            "relation": self._relation, "stands_for": self._stands_for, "kind": self._kind,
            "include": self._include, "quote": self._quote,
        }  # fmt: skip
        return RelationValue(**(mine | changed))
