"""Says which database and schema a profile means, and what templates may know of it as `target`: nothing secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.engines.registry import IN_MEMORY
from dryland.errors import MissingSettingError

if TYPE_CHECKING:
    from dryland.project.project import Warehouse

Settings = Mapping[str, Any]

OPEN = ("account", "extensions", "host", "location", "path", "port", "project", "role", "user", "warehouse")
"""Settings of any kind of warehouse that are shown where they are said."""

ALWAYS: Mapping[str, Settings] = {
    "postgres": {
        "host": None, "port": 5432, "user": None, "connect_timeout": 10, "role": None, "search_path": None,
        "keepalives_idle": 0, "sslmode": None, "sslcert": None, "sslkey": None, "sslrootcert": None,
        "application_name": "dbt", "autocommit": False, "retries": 1,
    },
}  # fmt: skip
"""Kind -> the settings that dbt's adapter shows to templates in any case, with what they are when nobody says."""

SCHEMAS: Mapping[str, str] = {"duckdb": "main", "postgres": "public"}
"""Kind -> the schema that a warehouse has from the beginning."""


def schema_of(kind: str, settings: Settings) -> str:
    """The schema that models go to when nothing else is said."""
    return str(settings.get("schema") or SCHEMAS[kind])


def database_of(kind: str, settings: Settings, path: str, line: int) -> str:
    """The database that models go to when nothing else is said.

    Raises:
        MissingSettingError: the profile does not say, and nothing else tells.
    """
    return str(settings.get("database") or DATABASES[kind](settings, path, line))


def _of_the_file(settings: Settings, _path: str, _line: int) -> str:
    """As DuckDB names the database of a file."""
    file = str(settings.get("path", IN_MEMORY))
    return "memory" if file == IN_MEMORY else Path(file).name.lstrip(".").partition(".")[0]


def _as_said(settings: Settings, path: str, line: int) -> str:
    """Names are written with their database before anybody connects: the server cannot be asked for it."""
    if not settings.get("dbname"):
        raise MissingSettingError(
            "the profile does not say which database of the server it means.", path=path, line=line,
            hint="dbname: analytics",
        )  # fmt: skip
    return str(settings["dbname"])


DATABASES: Mapping[str, Callable[[Settings, str, int], str]] = {"duckdb": _of_the_file, "postgres": _as_said}


def target_of(warehouse: Warehouse) -> dict[str, Any]:
    """What templates may know of the warehouse: no password, no key, nothing that opens anything."""
    settings, usual = warehouse.settings, ALWAYS.get(warehouse.type, {})
    said = {key: settings[key] for key in (*OPEN, *usual) if settings.get(key) is not None}
    return {
        **usual, **said,
        "name": warehouse.target_name, "target_name": warehouse.target_name, "schema": warehouse.schema,
        "database": warehouse.database, "dbname": warehouse.database,
        "type": warehouse.type, "threads": warehouse.threads, "profile_name": warehouse.profile_name,
    }  # fmt: skip
