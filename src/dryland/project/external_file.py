"""Reads what dbt-duckdb's `external` materialisation is told: to which file a model's rows go, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import ConfigError, UnsupportedError
from dryland.project.config_keys import line_of_key
from dryland.project.nodes import Node
from dryland.project.project import Warehouse
from dryland.values import dataclass

EXTERNAL = "external"  # the materialisation's name
FORMATS = ("csv", "parquet", "json")
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
READING: Mapping[str, Mapping[str, Any]] = {
    "csv": {"auto_detect": True}, "json": {"auto_detect": True}, "parquet": {"union_by_name": False},
}  # fmt: skip
LOCAL_HINT = "write it to a local folder and carry it there: an on-run-end hook, or an export in dryland.yml."


@dataclass(frozen=True, slots=True)
class ExternalFile:
    """A file, or a folder of files, and how it is written and read again."""

    location: str  # as the team names it; relative to the project
    format: str
    writing: Mapping[str, str]  # options of COPY
    reading: Mapping[str, Any]  # arguments of `read_csv` and its like
    pattern: str = ""  # of a folder: its files, as `*/*.parquet`

    @property
    def suffix(self) -> str:
        """The end of the file's name, by which it is known what is in it; of a folder nothing."""
        stem, dot, rest = PurePosixPath(self.location).name.partition(".")
        return f"{dot}{rest}" if stem and not self.pattern else ""


def is_external(node: Node) -> bool:
    """Whether the rows of a node go to a file."""
    return node.materialized == EXTERNAL and not node.materialization_macro


def external_file(node: Node, warehouse: Warehouse) -> ExternalFile:
    """Where the rows of a node go; found as dbt-duckdb finds it."""
    config = node.config
    given = {str(key): str(value) for key, value in (config.get("options") or {}).items()}
    given |= {key: str(config[key]) for key in ("format", "delimiter") if config.get(key)}
    location = str(config.get("location") or _default_location(node, warehouse, is_folder="partition_by" in given))
    writing = _completed(location, given)
    chosen = str(config.get("format") or writing["format"]).lower()
    reading = dict(config.get(f"{chosen}_read_options") or READING.get(chosen, {}))
    if "compression" in writing and chosen != "parquet":
        reading.setdefault("compression", writing["compression"])
    return ExternalFile(location, chosen, writing, reading, _pattern(writing))


def verify_external(nodes: Iterable[Node], warehouse: Warehouse) -> None:
    """Refuse what cannot be written, or not so that nobody reads it before it is checked.

    Raises:
        ConfigError: the format or the options are none.
        UnsupportedError: the file is elsewhere, would grow, or is to be registered with a plugin.
    """
    for node in nodes:
        if not is_external(node):
            continue
        if not isinstance(node.config.get("options") or {}, Mapping):
            raise ConfigError(f"the options of `{node.name}` are keys and values.", **_place(node, "options"))
        file = external_file(node, warehouse)
        if file.format not in FORMATS:
            raise ConfigError(
                f"`{node.name}` is to be written as {file.format}, which is no format of files.",
                hint=f"there are: {', '.join(FORMATS)}.", **_place(node, "format", "location"),
            )  # fmt: skip
        _verify_supported(node, file)


def _verify_supported(node: Node, file: ExternalFile) -> None:
    for key in ("plugin", "glue_register"):
        if node.config.get(key):
            raise UnsupportedError(
                f"`{node.name}` is to be registered ({key}), which Dryland does not do.",
                hint=f"remove `{key}`; an on-run-end hook can register the file at `location`.", **_place(node, key),
            )  # fmt: skip
    if "://" in file.location:
        raise UnsupportedError(
            f"`{node.name}` is to be written to {file.location}, and Dryland writes local files only.",
            hint=LOCAL_HINT, **_place(node, "location"),
        )  # fmt: skip
    if str(file.writing.get("append", "")).lower() in ("1", "true"):
        raise UnsupportedError(
            f"`{node.name}` would add files to those that are there (append), and nothing could take them back.",
            hint="materialized: incremental keeps what was there, and is checked.", **_place(node, "options"),
        )  # fmt: skip


def _default_location(node: Node, warehouse: Warehouse, *, is_folder: bool) -> str:
    root = str(warehouse.settings.get("external_root") or ".")
    name = f"{root}/{node.relation.name}"
    return name if is_folder else f"{name}.{node.config.get('format') or 'parquet'}"


def _completed(location: str, given: Mapping[str, str]) -> dict[str, str]:
    """The options with what the name of the file says of its format."""
    options = dict(given)
    path = PurePosixPath(location)
    compression = COMPRESSIONS.get(path.suffix.lower())
    ending = (PurePosixPath(path.stem) if compression else path).suffix.lower()
    if "format" not in options:
        options["format"] = ending[1:] if ending else "csv" if "delimiter" in options else "parquet"
        if ending and compression:
            options.setdefault("compression", compression)
    if options["format"] == "csv":
        options.setdefault("header", "1")
    keys = options.get("partition_by", "")
    if "," in keys and not keys.startswith("("):
        options["partition_by"] = f"({keys})"
    return options


def _pattern(options: Mapping[str, str]) -> str:
    """The files of a folder; empty when all rows go to one file."""
    keys = options.get("partition_by", "")
    if not keys and not options.get("per_thread_output"):
        return ""
    folders = ["*"] * len(keys.split(",")) if keys else []
    return "/".join([*folders, f"*.{options['format']}"])


def _place(node: Node, *keys: str) -> dict[str, Any]:
    """Where the first of these keys that the model's file has is written; else where the model is described."""
    key = next((each for each in keys if each in node.raw), "")
    if key:
        return {"path": node.place.path, "line": line_of_key(node.raw, key)}
    place = node.patch or node.place
    return {"path": place.path, "line": place.line}
