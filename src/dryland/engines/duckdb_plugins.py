"""Opens dbt-duckdb's plugins: modules with a class `Plugin` that prepares connections or loads sources."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import duckdb

from dryland.engines.duckdb_secrets import hidden
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.plugin_source import PluginSource
from dryland.errors import UnsupportedError, WarehouseError

BUILT_IN = frozenset({"delta", "excel", "glue", "gsheet", "iceberg", "motherduck", "postgres", "sqlalchemy"})
PREPARING = frozenset({"motherduck", "postgres"})  # of those: what they do, they do to the connection
DBT_HINT = (
    "install dbt-duckdb beside Dryland; or let the module do without it: a class `Plugin` with `initialize(config)`, "
    "`configure_connection(connection)` and `load(source)`, whichever it has."
)


class Credentials:
    """The profile's settings as attributes, for plugins that ask; it shows none of them."""

    def __init__(self, settings: Mapping[str, Any], database: str) -> None:
        self._settings = {"database": database, "path": ":memory:", "settings": {}, **settings}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__["_settings"].get(name)


class Plugins:
    """The plugins of one warehouse, by the names that sources call them."""

    def __init__(self, settings: Mapping[str, Any], database: str) -> None:
        self._settings, self._database = settings, database
        self._entries = {_name(each): each for each in settings.get("plugins") or ()}
        self._opened: dict[str, Any] = {}

    def configure(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let each prepare the connection, with functions of its own for example.

        dbt's own plugins that only load are left alone until a source asks for one.

        Raises:
            UnsupportedError: one needs dbt, which is not there.
            WarehouseError: one raised.
        """
        for name, entry in self._entries.items():
            if str(entry["module"]) not in BUILT_IN or str(entry["module"]) in PREPARING:
                self._call(name, "configure_connection", connection)

    def configure_session(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Let each that is open prepare a cursor."""
        for name in tuple(self._opened):
            self._call(name, "configure_cursor", cursor)

    def bring(self, name: str, source: PluginSource, session: DuckDBSession) -> None:
        """Make a source's table of what a plugin loads; `save_mode` is dbt-duckdb's.

        Raises:
            UnsupportedError: no plugin of that name can load it.
            WarehouseError: it raised.
        """
        mode = source.get("save_mode", "overwrite")
        if mode in ("ignore", "error_if_exists") and session.columns([source.relation]):
            if mode == "ignore":
                return
            raise WarehouseError(f"the source `{source.name}` stands already.", hint="its `save_mode` says so.")
        rows = self._loaded(name, source)
        session.create_schema([(source.database, source.schema)])
        session.load(source.relation, rows)

    def _loaded(self, name: str, source: PluginSource) -> Any:
        """The rows of a source, as something that DuckDB can read."""
        if name not in self._entries:
            known = ", ".join(sorted(self._entries)) or "none"
            raise UnsupportedError(
                f"the source `{source.name}` is loaded by the plugin `{name}`, which the profile does not have.",
                hint=f"it has: {known}. plugins: [{{module: {name}}}] in profiles.yml adds one.",
            )
        if not hasattr(self._plugin(name), "load"):
            raise UnsupportedError(f"the plugin `{name}` loads no sources.", hint="give its class a `load(source)`.")
        return self._call(name, "load", source)

    def _call(self, name: str, method: str, argument: object) -> Any:
        """What a method gives; None when the plugin has no such method."""
        plugin = self._plugin(name)
        if not hasattr(plugin, method):
            return None
        try:
            return getattr(plugin, method)(argument)
        except Exception as error:  # whatever a team's own code raises
            raise self._failed(name, method, error) from None

    def _plugin(self, name: str) -> Any:
        if name not in self._opened:
            self._opened[name] = self._open(name, self._entries[name])
        return self._opened[name]

    def _open(self, name: str, entry: Mapping[str, Any]) -> Any:
        module = str(entry["module"])
        try:
            made = import_module(f"dbt.adapters.duckdb.plugins.{module}" if module in BUILT_IN else module).Plugin
        except ImportError as error:
            hint = DBT_HINT if "dbt" in str(error.name or "").split(".") else "`module_paths` say where modules are."
            raise UnsupportedError(f"the plugin `{name}` cannot be imported: {error}.", hint=hint) from error
        except AttributeError as error:
            raise UnsupportedError(f"the module `{module}` has no class `Plugin`.", hint=DBT_HINT) from error
        config = {**(self._settings.get("settings") or {}), **(entry.get("config") or {})}
        try:
            return _made(made, name, config, Credentials(self._settings, self._database))
        except Exception as error:  # whatever a team's own code raises
            raise self._failed(name, "initialize", error) from None

    def _failed(self, name: str, method: str, error: Exception) -> WarehouseError:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        return WarehouseError(
            f"the plugin `{name}` failed in `{method}`: {type(error).__name__}: {hidden(first, self._settings)}"
        )


def _made(kind: Any, name: str, config: dict[str, Any], credentials: Credentials) -> Any:
    """As dbt-duckdb makes it, when the class is dbt's; a plain one is only given its configuration."""
    if kind.__init__ is not object.__init__:
        return kind(name=name, plugin_config=config, credentials=credentials)
    plugin = kind()
    if hasattr(plugin, "initialize"):
        plugin.initialize(config)
    return plugin


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("alias") or str(entry["module"]).rpartition(".")[2])
