"""Says how files are written and read back, in the words of DuckDB's COPY, as dbt-duckdb does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
QUOTED = frozenset({"delimiter", "quote", "escape", "null"})


def write_options(location: str, given: dict[str, Any]) -> str:
    """The options of a COPY to a file, with its format taken from its ending where nobody gave one.

    >>> write_options("orders.csv", {"delimiter": "|"})
    "delimiter '|', format csv, header 1"
    """
    if "format" not in given:
        given.update(_by_ending(PurePosixPath(location), given))
    if given["format"] == "csv":
        given.setdefault("header", 1)
    columns = str(given.get("partition_by", ""))
    if "," in columns and not columns.startswith("("):
        given["partition_by"] = f"({columns})"
    return ", ".join(f"{name} {_value(name, value)}" for name, value in given.items())


def read_location(location: str, options: Mapping[str, Any]) -> str:
    """Where what was written is read: a pattern when it is more than one file."""
    if not (options.get("partition_by") or options.get("per_thread_output")):
        return location
    levels = len(str(options["partition_by"]).split(",")) if options.get("partition_by") else 0
    return "/".join([location, *("*" * (levels + 1))]) + f".{options.get('format', 'parquet')}"


def _by_ending(path: PurePosixPath, given: Mapping[str, Any]) -> dict[str, Any]:
    compression = COMPRESSED.get(path.suffix.lower())
    ending = (PurePosixPath(path.stem) if compression else path).suffix.lower()
    if not ending:
        return {"format": "csv" if "delimiter" in given else "parquet"}
    more = {"compression": compression} if compression and "compression" not in given else {}
    return {"format": ending[1:], **more}


def _value(name: str, value: Any) -> str:
    is_bare = name.lower() in QUOTED and not str(value).startswith("'")
    return f"'{value}'" if is_bare else str(value)
