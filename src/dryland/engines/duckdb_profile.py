"""Does to a fresh connection what its profile says, in dbt-duckdb's order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from dryland.engines.duckdb_attach import attachment, is_elsewhere
from dryland.engines.duckdb_names import literal, quoted
from dryland.engines.duckdb_plugins import Plugins
from dryland.engines.duckdb_secrets import hidden, secrets_of
from dryland.engines.registry import Address
from dryland.errors import ConfigError, UnsupportedError, WarehouseError


def verify_reachable(settings: Mapping[str, Any]) -> None:
    """Say which warehouse of dbt-duckdb's Dryland cannot open; its project can be read all the same.

    Raises:
        UnsupportedError: it is not a file or memory.
    """
    path = str(settings.get("path", ":memory:"))
    if settings.get("remote"):
        raise UnsupportedError(
            "the profile's `remote` is a server that speaks for DuckDB, which Dryland does not reach.",
            hint="give the profile a target with a `path`.",
        )
    if is_elsewhere(path):
        raise UnsupportedError(
            f"the warehouse is `{path.partition(':')[0]}:...`, and Dryland builds in a DuckDB file.",
            hint="give the profile a target whose `path` is a file, and `attach` the other one to read from it.",
        )


def add_module_paths(address: Address) -> None:
    """Let Python models and plugins import from the profile's `module_paths`, which are relative to the project."""
    for given in address.settings.get("module_paths") or ():
        folder = str((address.root / str(given)).resolve())
        if folder not in sys.path:
            sys.path.append(folder)


def equip(connection: duckdb.DuckDBPyConnection, address: Address, plugins: Plugins) -> tuple[str, ...]:
    """Load extensions, make secrets, attach databases; return the settings that each session says for itself.

    Nothing of this reaches an error as it was sent: secrets stand in it.

    Raises:
        WarehouseError: some of it cannot be done.
    """
    settings = address.settings
    for extension in settings.get("extensions") or ():
        _discreetly(f"the extension `{_name(extension)}` cannot be loaded", settings, _load, connection, extension)
    for name, statement in secrets_of(settings):
        _discreetly(f"the secret `{name}` cannot be made", settings, connection.execute, statement)
    for spec in settings.get("filesystems") or ():
        _discreetly(f"the file system `{spec['fs']}` cannot be registered", settings, _register, connection, spec)
    plugins.configure(connection)
    for entry in settings.get("attach") or ():
        statement = attachment(entry, address.root)
        _discreetly(f"{_called(entry)} cannot be attached", settings, connection.execute, statement)
    return _set_globally(connection, settings)


def _discreetly(what: str, settings: Mapping[str, Any], do: Callable[..., object], *arguments: Any) -> None:
    try:
        do(*arguments)
    except (duckdb.Error, ImportError, TypeError, ValueError, OSError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise WarehouseError(f"{what}: {hidden(first, settings)}", hint="the profile asks for it.") from None


def _load(connection: duckdb.DuckDBPyConnection, extension: Any) -> None:
    name, repository = _name(extension), "" if isinstance(extension, str) else str(extension.get("repo") or "")
    try:
        connection.execute(f"LOAD {quoted(name)}")
    except duckdb.Error:
        bare = repository.strip("'\"")
        where = f" FROM {quoted(bare) if bare.isidentifier() else literal(bare)}" if bare else ""
        connection.execute(f"INSTALL {quoted(name)}{where}")
        connection.execute(f"LOAD {quoted(name)}")


def _name(extension: Any) -> str:
    return extension if isinstance(extension, str) else str(extension["name"])


def _register(connection: duckdb.DuckDBPyConnection, spec: Mapping[str, Any]) -> None:
    """A file system of fsspec's, which is installed by whoever asks for one."""
    options = {str(key): value for key, value in spec.items() if key != "fs"}
    connection.register_filesystem(import_module("fsspec").filesystem(str(spec["fs"]), **options))


def _called(entry: Mapping[str, Any]) -> str:
    """An attached database without its address, in which a password may stand."""
    path = str(entry["path"])
    is_words = is_elsewhere(path) and "://" not in path  # `postgres:host=... password=...`
    return f"`{entry.get('alias') or (path.partition(':')[0] if is_words else Path(path.partition('?')[0]).name)}`"


def _set_globally(connection: duckdb.DuckDBPyConnection, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Set what all sessions share; the rest, such as the search path, is left to each."""
    given = settings.get("settings") or {}
    if not isinstance(given, Mapping):
        raise ConfigError("`settings` of the profile are keys and values.", hint="settings: {TimeZone: UTC}")
    left = []
    for name, value in given.items():
        said = f"{quoted(str(name))} = {literal(str(value))}"
        try:
            connection.execute(f"SET GLOBAL {said}")
        except duckdb.Error:
            _discreetly(f"the setting `{name}` cannot be set", settings, connection.execute, f"SET {said}")
            left.append(f"SET {said}")
    return tuple(left)
