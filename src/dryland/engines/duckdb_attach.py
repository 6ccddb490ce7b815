"""Writes what a profile attaches as statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dryland.engines.duckdb_names import literal, quoted
from dryland.errors import ConfigError

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: `C:` is a drive
OF_FILES = frozenset({"", "duckdb", "sqlite"})  # types whose path is a file's; for others it may be a connection
TWICE = ("read_only", "secret", "type")  # can be said beside `options` and in it


def attachment(entry: Mapping[str, Any], root: Path) -> str:
    """The statement that attaches one database; relative paths are the project's.

    Raises:
        ConfigError: it says one thing in two places.
    """
    options: Mapping[str, Any] = {str(key).lower(): value for key, value in (entry.get("options") or {}).items()}
    for key in TWICE:
        if entry.get(key) and key in options:
            raise ConfigError(
                f"`attach` of the profile says `{key}` twice.", hint=f"say `{key}` beside `options` or in it, not both."
            )
    said = {key: entry.get(key) or options.get(key) for key in TWICE}
    place = _place(str(entry["path"]), str(said["type"] or "").lower(), root)
    alias = f" AS {quoted(str(entry['alias']))}" if entry.get("alias") else ""
    written = ", ".join([*_own(said), *_others(options)])
    return f"ATTACH IF NOT EXISTS {literal(place)}{alias}{f' ({written})' if written else ''}"


def is_elsewhere(path: str) -> bool:
    """Whether it is an address and not a file's path: `md:`, `ducklake:`, `https://`, ...

    >>> is_elsewhere("md:my_db"), is_elsewhere("data/raw.duckdb")
    (True, False)
    """
    return SCHEME.match(path) is not None


def _own(said: Mapping[str, Any]) -> Iterator[str]:
    if said["type"]:
        yield f"TYPE {quoted(str(said['type']))}"
    if said["secret"]:
        yield f"SECRET {quoted(str(said['secret']))}"
    if said["read_only"]:
        yield "READ_ONLY"


def _others(options: Mapping[str, Any]) -> Iterator[str]:
    """As for dbt-duckdb `false` and nothing leave an option out, and a text may bring its own quotes."""
    for key, value in options.items():
        if key in TWICE or value is None or value is False:
            continue
        if value is True:
            yield quoted(key)
        else:
            yield f"{quoted(key)} {literal(_bare(value) if isinstance(value, str) else value)}"


def _bare(text: str) -> str:
    stripped = text.strip()
    is_quoted = len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "'\""
    return stripped[1:-1].replace(stripped[0] * 2, stripped[0]) if is_quoted else text


def _place(path: str, kind: str, root: Path) -> str:
    if path.startswith(("md:", "motherduck:")):
        return path.partition("?")[0]  # ATTACH takes no query
    if path == ":memory:" or is_elsewhere(path) or kind not in OF_FILES:
        return path
    return str((root / path).resolve())
