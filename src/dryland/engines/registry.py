"""Lists the engines, and opens a warehouse by the name of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from importlib import import_module
from pathlib import Path
from typing import Any

from dryland.engines.protocol import Engine
from dryland.errors import UnsupportedError
from dryland.values import dataclass

ENGINES: Mapping[str, str] = {"duckdb": "dryland.engines.duckdb", "postgres": "dryland.engines.postgres"}
"""Kind -> the module whose `open_warehouse` opens it; the driver is imported only then."""

GRANTING: frozenset[str] = frozenset({"postgres"})
"""Kinds whose tables and views are granted to roles; for all others `grants` means nothing, as for dbt."""


OF_SESSIONS: Mapping[str, tuple[str, ...]] = {
    "duckdb": ("config_options", "extensions", "module_paths", "plugins", "settings"),
    "postgres": ("options", "role", "search_path"),
}
"""Kind -> settings that say how its sessions understand SQL."""

IN_MEMORY = ":memory:"
OF_A_FILE: Mapping[str, frozenset[str]] = {
    "duckdb": frozenset({*OF_SESSIONS["duckdb"], "database", "path", "schema", "threads", "type"})
}
"""Kinds that are one file, at `path` -> the settings with which nothing else belongs to the warehouse."""


@dataclass(frozen=True, slots=True)
class Address:
    """Which warehouse, and how to wait for it."""

    settings: Mapping[str, Any] = field(repr=False)  # as in the profile; may hold secrets
    database: str
    root: Path  # relative paths are relative to the project
    store_schema: str
    wait_s: float = 10.0  # for another process to let go of it
    on_wait: Callable[[str], None] | None = None  # told once, when waiting takes over a second
    is_read_only: bool = False  # nothing is made there, and what can be locked for good is locked


def verify_kind(kind: str, path: str, line: int) -> None:
    """Say where a file asks for an engine that is not there.

    Raises:
        UnsupportedError: there is no engine of this kind.
    """
    if kind not in ENGINES:
        raise UnsupportedError(
            f"there is no engine for `type: {kind}`.", path=path, line=line,
            hint=f"there are: {', '.join(sorted(ENGINES))}. Give the profile a target of such a type, or dryland.yml a "
            "`warehouse:`, and transpile the SQL; or add the engine. docs/how-to-add/an-engine.md shows both.",
        )  # fmt: skip


def file_of(kind: str, settings: Mapping[str, Any], root: Path) -> Path | None:
    """The file in which all of a warehouse stands; None when there is none, or it has more than that.

    >>> str(file_of("duckdb", {"path": "shop.duckdb"}, Path("project"))), file_of("duckdb", {}, Path("project"))
    ('project/shop.duckdb', None)
    """
    path = str(settings.get("path") or IN_MEMORY)
    if kind not in OF_A_FILE or settings.keys() - OF_A_FILE[kind] or path == IN_MEMORY:
        return None
    return root / path


def opened_ahead(kind: str, address: Address) -> AbstractContextManager[None]:
    """Begin to open the warehouse beside what the caller does, where that takes long enough to be worth a thread."""
    begin = getattr(import_module(ENGINES[kind]), "opened_ahead", None)
    begun: AbstractContextManager[None] = begin(address) if begin else nullcontext()
    return begun


def open_engine(kind: str, address: Address) -> Engine:
    """Open the warehouse; `kind` is one of ENGINES.

    Raises:
        WarehouseError: it cannot be opened.
    """
    opened: Engine = import_module(ENGINES[kind]).open_warehouse(address)
    return opened
