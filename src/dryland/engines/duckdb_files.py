"""Reads, writes and sweeps the files that builds are kept in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from dryland.engines.duckdb_names import literal
from dryland.engines.registry import Address

TEXTS = frozenset({"delimiter", "escape", "null", "quote"})  # options of COPY that are texts, quoted or not
BUILD = re.compile(r"(?P<build>.+__[0-9a-f]{16})(?:\..*)?")  # the name of a file or folder that is a build's


def folder_of(address: Address) -> Path:
    """Where builds that are files are kept: beside the warehouse's own file."""
    path = str(address.settings.get("path", ":memory:"))
    beside = address.root / ".dryland" / "warehouse" if path == ":memory:" else address.root / path
    return beside.resolve().with_name(f"{beside.name}.files")


def writing(options: Mapping[str, str]) -> str:
    """Options of COPY; values are SQL, as dbt has it, but for those that can only be texts."""
    return ", ".join(
        f"{key} {literal(value) if key.lower() in TEXTS and not value.startswith(chr(39)) else value}"
        for key, value in options.items()
    )


def make_room(path: Path) -> None:
    """Take away what a build that did not come to its end has left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(path)


def reading(kind: str, path: str, options: Mapping[str, Any]) -> str:
    """The call of the function that reads files of this kind."""
    given = "".join(f", {key} = {_value(value)}" for key, value in options.items())
    return f"read_{kind}({literal(path)}{given})"


def is_whole(view: str, folder: Path) -> bool:
    """Whether the file that a build's view reads, given its SQL, is there."""
    found = re.search(rf"'{re.escape(str(folder))}/([^/']+)", view)
    return found is None or (folder / found[1]).exists()


def sweep(folder: Path, builds: Collection[str]) -> tuple[str, ...]:
    """Remove the files of all builds but these."""
    found = [(path, made["build"]) for path in _children(folder) if (made := BUILD.fullmatch(path.name))]
    useless = [path for path, build in found if build not in builds]
    for path in useless:
        _remove(path)
    return tuple(sorted(path.name for path in useless))


def _value(value: Any) -> str:
    """A value from YAML as DuckDB writes it."""
    from sqlglot import exp  # here, for it takes longer than to open a warehouse, and few projects write files

    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(str(key))}: {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return str(exp.convert(value).sql(dialect="duckdb"))


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
