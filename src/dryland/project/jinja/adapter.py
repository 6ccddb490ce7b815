"""Answers what templates ask of `adapter`, `api`, `run_query` and `statement`: from the warehouse, when building."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.jinja.macros import MacroCall, Macros
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import NeedsWarehouseError, State, Warehouse, current

TYPES = {"string": "TEXT"}  # dbt's names that are not the warehouse's


class Table:
    """The answer to a query, as templates know it from dbt: `.columns[i].values()`, `.rows`, `.column_names`."""

    def __init__(self, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        self.column_names = tuple(names)
        self.rows = [Row(names, row) for row in rows]
        self.columns = Columns(names, rows)

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class Row(tuple[Any, ...]):
    """A row, by position or by name."""

    names: tuple[str, ...]

    def __new__(cls, names: Sequence[str], values: tuple[Any, ...]) -> Row:
        """A row whose values have these names."""
        row = super().__new__(cls, values)
        row.names = tuple(names)
        return row

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def values(self) -> tuple[Any, ...]:
        """The values in order."""
        return tuple(self)

    def dict(self) -> dict[str, Any]:
        """The values by name."""
        return dict(zip(self.names, self, strict=True))


class Columns:
    """The columns of an answer, by position or by name."""

    def __init__(self, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        self._columns = [ValueList(name, [row[at] for row in rows]) for at, name in enumerate(names)]

    def __getitem__(self, key: Any) -> ValueList:
        if isinstance(key, str):
            return next(column for column in self._columns if column.name == key)
        return self._columns[int(key)]

    def __iter__(self) -> Any:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True)
class ValueList:
    """One column of an answer."""

    name: str
    items: list[Any]

    def values(self) -> list[Any]:
        """The values in order."""
        return self.items


@dataclass(frozen=True)
class ColumnValue:
    """A column of a table, as templates know it from dbt."""

    column: str
    dtype: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.column

    @property
    def quoted(self) -> str:
        """Its name, quoted."""
        return '"' + self.column.replace('"', '""') + '"'

    @property
    def data_type(self) -> str:
        """Its type."""
        return self.dtype

    @staticmethod
    def translate_type(dtype: str) -> str:
        """The warehouse's name of one of dbt's types."""
        return TYPES.get(dtype.lower(), dtype)

    def is_string(self) -> bool:
        """Whether it holds text."""
        return self.dtype.lower().startswith(("varchar", "text", "char"))

    def is_numeric(self) -> bool:
        """Whether it holds decimals."""
        return self.dtype.lower().startswith(("decimal", "numeric"))

    def is_integer(self) -> bool:
        """Whether it holds whole numbers."""
        return self.dtype.lower() in ("tinyint", "smallint", "integer", "bigint", "hugeint", "int")

    def is_float(self) -> bool:
        """Whether it holds floating-point numbers."""
        return self.dtype.lower() in ("float", "double", "real")

    def is_number(self) -> bool:
        """Whether it holds numbers of any kind."""
        return self.is_numeric() or self.is_integer() or self.is_float()


class Adapter:
    """dbt's `adapter` object."""

    def __init__(self, macros: Macros, kind: str) -> None:
        self._macros = macros
        self._kind = kind

    def dispatch(self, macro_name: str, macro_namespace: str | None = None, packages: Any = None) -> MacroCall:
        """The implementation of a macro for this adapter."""
        return self._macros.dispatch(macro_name, macro_namespace)

    def type(self) -> str:
        """The adapter's name."""
        return self._kind

    def quote(self, identifier: str) -> str:
        """An identifier, quoted."""
        return '"' + identifier.replace('"', '""') + '"'

    quote_as_configured = quote

    def get_columns_in_relation(self, relation: RelationValue) -> list[ColumnValue]:
        """The columns of a table; empty when it does not exist, and in the parsing pass."""
        if not _executes(current()):
            return []
        found = _warehouse().columns(_located(relation.relation))
        return [ColumnValue(column.name, column.type) for column in found]

    def get_relation(self, database: str | None = None, schema: str = "", identifier: str = "") -> RelationValue | None:
        """A table or view by name, or None; None in the parsing pass."""
        found = self.list_relations_without_caching(SimpleNamespace(database=database, schema=schema))
        return next((each for each in found if each.identifier.lower() == identifier.lower()), None)

    def load_relation(self, relation: RelationValue) -> RelationValue | None:
        """The same table if it exists, or None."""
        return self.get_relation(relation.database, relation.schema, relation.identifier)

    def list_relations_without_caching(self, place: Any) -> list[RelationValue]:
        """Tables and views of a schema; none in the parsing pass."""
        if not _executes(current()):
            return []
        database = str(place.database or current().context["target"]["database"])
        found = _warehouse().relations(database, str(place.schema))
        return [RelationValue(each.relation, None, kind=each.kind) for each in found]

    def check_schema_exists(self, database: str, schema: str) -> bool:
        """Whether anything stands in a schema; no in the parsing pass."""
        return _executes(current()) and bool(_warehouse().relations(database, schema))

    def create_schema(self, relation: Any) -> None:
        """Schemas are made when something is published to them."""

    def get_missing_columns(self, source: RelationValue, target: RelationValue) -> list[ColumnValue]:
        """Columns of one table that another lacks."""
        there = {column.name.lower() for column in self.get_columns_in_relation(target)}
        return [column for column in self.get_columns_in_relation(source) if column.name.lower() not in there]


def warehouse_functions(macros: Macros, kind: str) -> Mapping[str, Callable[..., Any] | object]:
    """The part of the context that may ask the warehouse."""
    return {
        "adapter": Adapter(macros, kind),
        "api": SimpleNamespace(Relation=SimpleNamespace(create=_create_relation), Column=ColumnValue),
        "run_query": run_query,
        "statement": statement,
        "load_result": lambda name: current().results.get(name),
        "load_relation": lambda relation: Adapter(macros, kind).load_relation(relation),
    }


def run_query(sql: str) -> Table | None:
    """Ask the warehouse; None in the parsing pass, as in dbt."""
    state = current()
    if not _executes(state):
        return None
    return Table(*_warehouse().run_query(str(sql)))


def statement(name: str | None = None, fetch_result: bool = False, auto_begin: bool = True, caller: Any = None) -> str:
    """`{% call statement('name', fetch_result=True) %} ... {% endcall %}`; `load_result('name')` has the answer."""
    sql = caller() if caller else ""
    state = current()
    if not _executes(state):
        return ""
    table = Table(*_warehouse().run_query(str(sql)))
    state.results[name or ""] = SimpleNamespace(table=table, data=[tuple(row) for row in table.rows], response="OK")
    return ""


def _executes(state: State) -> bool:
    state.looked_closer = True  # a pass with execute will follow, in which the question is asked
    return state.execute


def _warehouse() -> Warehouse:
    warehouse = current().warehouse
    if warehouse is None:
        raise NeedsWarehouseError
    return warehouse


def _create_relation(
    database: str | None = None,
    schema: str | None = None,
    identifier: str | None = None,
    type: str | None = None,  # noqa: A002 - dbt names it so
    **_: Any,
) -> RelationValue:
    """A name with the parts that are given; what is not given is not printed."""
    return RelationValue(Relation(database or "", schema or "", identifier or ""), None, kind=type or "")


def _located(relation: Relation) -> Relation:
    """The relation with what its name leaves out, as the warehouse would look it up."""
    target = current().context["target"]
    return Relation(relation.database or target["database"], relation.schema or target["schema"], relation.name)
