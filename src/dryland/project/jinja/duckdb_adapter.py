"""Answers what templates ask of `adapter` on DuckDB only: what dbt-duckdb adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.jinja.adapter import Adapter
from dryland.project.jinja.external import read_location, write_options
from dryland.project.jinja.state import current


class DuckDBAdapter(Adapter):
    """The `adapter` of dbt-duckdb."""

    def is_motherduck(self) -> bool:
        """Whether the warehouse is in MotherDuck's cloud."""
        return False

    def is_ducklake(self, relation: Any) -> bool:
        """Whether a table is in a DuckLake."""
        return False

    use_ducklake_table_workarounds = is_ducklake

    def disable_transactions(self) -> bool:
        """Whether statements run outside of transactions."""
        return False

    def external_root(self) -> str:
        """The folder of external files."""
        return "."

    def get_binding_char(self) -> str:
        """What stands for a value in a statement."""
        return "?"

    def external_write_options(self, write_location: str, rendered_options: dict[str, Any]) -> str:
        """The options of a COPY to a file."""
        return write_options(write_location, rendered_options)

    def external_read_location(self, write_location: str, rendered_options: Mapping[str, Any]) -> str:
        """Where what was written by COPY is read."""
        return read_location(write_location, rendered_options)

    def warn_once(self, message: str) -> str:
        """Tell people."""
        current().context["exceptions"].warn(message)
        return ""
