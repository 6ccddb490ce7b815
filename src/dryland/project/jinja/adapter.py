"""Answers what templates ask of `adapter` and `api`: from the warehouse, when building."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import TemplateError, UnknownNameError
from dryland.project.jinja.answers import Table
from dryland.project.jinja.columns import ColumnValue
from dryland.project.jinja.constraints import column_constraints, model_constraints
from dryland.project.jinja.macros import MacroCall, Macros
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import current
from dryland.project.jinja.statements import execute, executes, statement_functions, warehouse

STRATEGIES = ("append", "delete+insert", "merge", "microbatch")
SQL_TYPES = {
    "Integer": "integer", "Number": "float8", "Date": "date", "DateTime": "timestamp without time zone",
    "Boolean": "boolean", "Text": "text",
}  # fmt: skip
"""Type of an answer's column -> the type that dbt would give a table's."""


def warehouse_functions(adapter: Adapter) -> Mapping[str, Callable[..., Any] | object]:
    """The part of the context that may ask the warehouse."""
    return {
        **statement_functions(),
        "adapter": adapter,
        "api": SimpleNamespace(Relation=RelationValue, Column=adapter.Column),
        "column": adapter.Column,
    }


class Adapter:
    """dbt's `adapter` object. What changes the warehouse goes through macros, which a project may override."""

    Column = ColumnValue
    behavior = SimpleNamespace()

    def __init__(self, macros: Macros, kind: str) -> None:
        self._macros = macros
        self._kind = kind

    # --- names and macros ----------------------------------------------------------------------------------------

    def dispatch(self, macro_name: str, macro_namespace: str | None = None, packages: Any = None) -> MacroCall:
        """The implementation of a macro for this adapter."""
        return self._macros.dispatch(macro_name, macro_namespace, current().scope.package)

    def type(self) -> str:
        """The adapter's name."""
        return self._kind

    def quote(self, identifier: str) -> str:
        """An identifier, quoted."""
        return '"' + str(identifier).replace('"', '""') + '"'

    def quote_as_configured(self, identifier: str, quote_key: str = "identifier") -> str:
        """A part of a name, quoted: both of dbt's adapters quote all of them."""
        return self.quote(identifier)

    def escape_sql_string(self, value: Any) -> str:
        """Text as it stands between quotes in SQL."""
        return str(value).replace("'", "''")

    def quote_seed_column(self, column: str, quote_config: bool | None = None) -> str:
        """The name of a seed's column, quoted unless the seed says otherwise."""
        return column if quote_config is False else self.quote(column)

    def valid_incremental_strategies(self) -> list[str]:
        """The strategies of incremental models."""
        return list(STRATEGIES)

    def get_incremental_strategy_macro(self, model_context: Mapping[str, Any], strategy: str) -> Any:
        """The macro that gives a strategy's SQL."""
        name = f"get_incremental_{strategy.replace('+', '_')}_sql"
        if name not in model_context:
            raise UnknownNameError(
                f"no macro `{name}` gives the SQL of the incremental strategy `{strategy}`.",
                hint=f"there are {', '.join(STRATEGIES)}; a strategy of your own needs a macro of that name.",
            )
        return model_context[name]

    # --- questions -----------------------------------------------------------------------------------------------

    def get_columns_in_relation(self, relation: RelationValue) -> list[ColumnValue]:
        """The columns of a table; empty when it does not exist, and in the parsing pass."""
        if not executes(current()):
            return []
        if not relation.schema:
            return self._columns_by_name(str(relation.identifier))
        return [self.Column.found(each.name, each.type) for each in warehouse().columns(_located(relation.relation))]

    def _columns_by_name(self, name: str) -> list[ColumnValue]:
        """The columns of whatever is called so, wherever it is: temporary tables have no schema to look in."""
        from sqlglot import exp  # few projects ask for this, and it takes a while to import

        query = exp.select("column_name", "data_type").from_("information_schema.columns").order_by("ordinal_position")
        _, rows = warehouse().run_query(query.where(exp.column("table_name").eq(name)).sql(dialect=self._kind))
        return [self.Column.found(str(column), str(kind)) for column, kind in rows]

    def get_column_schema_from_query(self, sql: Any) -> list[ColumnValue]:
        """The columns of a query, fields of structs by their full names; empty in the parsing pass."""
        if not executes(current()):
            return []
        found = [self.Column.of_answer(each.name, each.type) for each in warehouse().describe(str(sql))]
        return [flat for column in found for flat in column.flatten()]

    def get_relation(self, database: Any = None, schema: Any = None, identifier: Any = None) -> RelationValue | None:
        """A table or view by name, or None; None in the parsing pass."""
        found = [
            each for each in self.list_relations(database, schema)
            if str(each.identifier).lower() == str(identifier).lower()
        ]  # fmt: skip
        return next((each for each in found if each.identifier == identifier), found[0] if found else None)

    def load_relation(self, relation: RelationValue) -> RelationValue | None:
        """The same table if it exists, or None."""
        return self.get_relation(relation.database, relation.schema, relation.identifier)

    def already_exists(self, schema: str, name: str) -> bool:
        """Whether a table or view stands in a schema of the target's database."""
        return self.get_relation(None, schema, name) is not None

    def list_relations(self, database: Any = None, schema: Any = None) -> list[RelationValue]:
        """Tables and views of a schema; none in the parsing pass."""
        state = current()
        if not executes(state):
            return []
        place = _located(Relation(str(database or ""), str(schema or ""), ""))
        return [
            RelationValue(each.relation, None, kind=each.kind)
            for each in warehouse().relations(place.database, place.schema)
        ]

    def list_relations_without_caching(self, schema_relation: Any) -> list[RelationValue]:
        """Tables and views of a schema; none in the parsing pass."""
        return self.list_relations(schema_relation.database, schema_relation.schema)

    def check_schema_exists(self, database: Any, schema: Any) -> bool:
        """Whether a schema stands, whatever the case of its name; no in the parsing pass."""
        return str(schema).lower() in {name.lower() for name in self._schemas(database)}

    def _schemas(self, database: Any) -> list[str]:
        if not executes(current()):
            return []
        database = database or current().context["target"]["database"]
        return [str(name) for name in self._call("list_schemas", database).columns[0].values()]

    def get_missing_columns(self, from_relation: RelationValue, to_relation: RelationValue) -> list[ColumnValue]:
        """Columns of one table that another lacks."""
        there = {column.name.lower() for column in self.get_columns_in_relation(to_relation)}
        return [column for column in self.get_columns_in_relation(from_relation) if column.name.lower() not in there]

    # --- statements ----------------------------------------------------------------------------------------------

    def execute(
        self, sql: Any, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[Any, Table]:
        """Run SQL: what the warehouse said, and the rows if they are wanted."""
        return execute(sql, auto_begin, fetch, limit)

    def add_query(self, sql: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Run SQL without waiting for rows."""
        return execute(sql)

    def create_schema(self, relation: RelationValue) -> None:
        """Make sure that a schema stands."""
        self._change("create_schema", relation)

    def drop_schema(self, relation: RelationValue) -> None:
        """Drop a schema with everything in it."""
        self._change("drop_schema", relation)

    def drop_relation(self, relation: RelationValue) -> None:
        """Drop a table or view if it stands."""
        if executes(current()) and relation.type is None:
            raise TemplateError(
                f"{relation.render()} cannot be dropped: whether it is a table or a view is not known.",
                hint="ask for it by load_relation(...), or say it: relation.incorporate(type='table').",
            )
        self._change("drop_relation", relation)

    def rename_relation(self, from_relation: RelationValue, to_relation: RelationValue) -> None:
        """Give a table or view another name in its schema."""
        self._change("rename_relation", from_relation, to_relation)

    def truncate_relation(self, relation: RelationValue) -> None:
        """Empty a table."""
        self._change("truncate_relation", relation)

    def expand_target_column_types(self, from_relation: RelationValue, to_relation: RelationValue) -> None:
        """Nothing, where text has no length."""

    def commit(self) -> str:
        """Nothing: the transaction belongs to the build, which ends it when its checks can look at it."""
        return ""

    commit_if_has_connection = ensure_transaction = commit

    def cache_added(self, *_: Any) -> str:
        """Nothing: nobody keeps a list of what stands."""
        return ""

    cache_dropped = cache_renamed = cache_added

    # --- types and constraints -----------------------------------------------------------------------------------

    def convert_type(self, agate_table: Table, col_idx: int) -> str:
        """The type that a table would give to a column of an answer."""
        kind = agate_table.column_types[col_idx].name
        if kind == "Number" and all(
            value == int(value) for value in agate_table.columns[col_idx].values_without_nulls()
        ):
            return "integer"
        return SQL_TYPES[kind]

    def render_raw_columns_constraints(self, raw_columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Columns with their types and constraints, as CREATE TABLE has them."""
        return column_constraints(raw_columns)

    def render_raw_model_constraints(self, raw_constraints: list[Mapping[str, Any]]) -> list[str]:
        """A table's constraints, as CREATE TABLE has them."""
        return model_constraints(raw_constraints)

    # --- inside --------------------------------------------------------------------------------------------------

    def _change(self, macro: str, *arguments: Any) -> None:
        if executes(current()):
            self._call(macro, *arguments)

    def _call(self, macro: str, *arguments: Any) -> Any:
        """A macro as a template of the project would find it."""
        found = self._macros.find(macro)
        assert found is not None, macro
        return found(*arguments)


def _located(relation: Relation) -> Relation:
    """The relation with what its name leaves out, as the warehouse would look it up."""
    target = current().context["target"]
    return Relation(relation.database or target["database"], relation.schema or target["schema"], relation.name)
