"""Answers what templates ask of `adapter` on PostgreSQL only: what dbt-postgres adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dryland.errors import TemplateError
from dryland.project.indexes import parse_index
from dryland.project.jinja.adapter import Adapter
from dryland.project.jinja.columns import ColumnValue
from dryland.project.jinja.postgres_columns import PostgresColumn
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import current
from dryland.project.jinja.statements import executes, warehouse
from dryland.project.jinja.value_functions import local_md5


@dataclass(frozen=True)
class IndexValue:
    """An index of the configuration, as macros have it."""

    columns: list[str]
    unique: bool
    type: str | None

    def render(self, relation: RelationValue) -> str:
        """A name for it that no other index has: dbt writes the time into it as well."""
        moment = current().clock.moment.isoformat()
        return local_md5("_".join([*self.columns, relation.render(), str(self.unique), str(self.type), moment]))


class PostgresAdapter(Adapter):
    """The `adapter` of dbt-postgres."""

    Column = PostgresColumn

    def verify_database(self, database: Any) -> str:
        """Nothing, for the database of the target: a connection sees no other.

        Raises:
            TemplateError: it is another one.
        """
        own = current().context["target"]["database"]
        if str(database).strip('"').lower() != str(own).lower():
            raise TemplateError(
                f"`{database}` is another database than the profile's `{own}`.",
                hint="PostgreSQL reads one database at a time: attach the other one by a foreign data wrapper.",
            )
        return ""

    def parse_index(self, raw_index: Any) -> IndexValue | None:
        """An entry of the configuration `indexes`.

        Raises:
            ConfigError: it is none.
        """
        if raw_index is None:
            return None
        found = parse_index(raw_index)
        return IndexValue(list(found.columns), found.is_unique, found.method or None)

    def check_schema_exists(self, database: Any, schema: Any) -> bool:
        """Whether a schema of exactly this name stands; no in the parsing pass."""
        return str(schema) in self._schemas(database)

    def expand_target_column_types(self, from_relation: RelationValue, to_relation: RelationValue) -> None:
        """Make room in a table for the longer text of another."""
        if not executes(current()):
            return
        given = {column.name: column for column in self.get_columns_in_relation(from_relation)}
        for column in self.get_columns_in_relation(to_relation):
            other = given.get(column.name)
            if other is not None and column.can_expand_to(other):
                self._change(
                    "alter_column_type", to_relation, column.name, self.Column.string_type(other.string_size())
                )

    def _columns_by_name(self, name: str) -> list[ColumnValue]:
        """The columns of whatever the session sees by this name, its temporary tables first."""
        from sqlglot import exp  # few projects ask for this, and it takes a while to import

        query = (
            exp.select("a.attname", "format_type(a.atttypid, a.atttypmod)")
            .from_("pg_catalog.pg_attribute AS a")
            .join("pg_catalog.pg_class AS c", on="c.oid = a.attrelid")
            .where(exp.column("relname", "c").eq(name), "a.attnum > 0", "NOT a.attisdropped")
            .where("pg_table_is_visible(c.oid)")
            .order_by("a.attnum")
        )
        _, rows = warehouse().run_query(query.sql(dialect=self._kind))
        return [self.Column.found(str(column), str(kind)) for column, kind in rows]
