"""Lists what `adapter` is to templates, by the kind of warehouse."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.project.jinja.adapter import Adapter
from dryland.project.jinja.columns import ColumnValue
from dryland.project.jinja.duckdb_adapter import DuckDBAdapter
from dryland.project.jinja.macros import Macros
from dryland.project.jinja.postgres_adapter import PostgresAdapter

ADAPTERS: Mapping[str, type[Adapter]] = {"duckdb": DuckDBAdapter, "postgres": PostgresAdapter}


def adapter_for(kind: str, macros: Macros) -> Adapter:
    """What the templates of a project find as `adapter`."""
    return ADAPTERS.get(kind, Adapter)(macros, kind)


def column_class(kind: str) -> type[ColumnValue]:
    """What the columns of tables are to templates: dbt's `api.Column`."""
    return ADAPTERS.get(kind, Adapter).Column
