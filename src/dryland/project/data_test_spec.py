"""Parses an entry of `data_tests:`: which test, with which arguments and configuration, under which name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from dryland.errors import ConfigError
from dryland.project.nodes import Place
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

CONFIG_KEYS = frozenset(
    """
    severity error_if warn_if where limit fail_calc store_failures store_failures_as tags enabled meta database
    schema alias group
    """.split()
)
BESIDE = frozenset({"config", "name", "description", "arguments"})
NAME_MAX = 64  # longer names of tables with failing rows are shortened with a hash


@dataclass(frozen=True, slots=True)
class DataTestSpec:
    """One entry, whichever of dbt's forms it was written in."""

    kind: str  # the macro's name without `test_`, with its package if one is named
    place: Place
    arguments: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""  # given by the team; else made of kind, table and arguments
    description: str = ""

    @property
    def package(self) -> str:
        """The package that is named: `dbt_utils` of `dbt_utils.at_least_one`."""
        return self.kind.rpartition(".")[0]

    @property
    def macro(self) -> str:
        """The name of the macro that makes the query."""
        return f"test_{self.kind.rpartition('.')[2]}"


def specs_of(body: Mapped, path: str) -> Iterator[DataTestSpec]:
    """The entries under `data_tests` and `tests` of a table or column.

    Raises:
        ConfigError: an entry has no form of dbt's.
    """
    for key in ("data_tests", "tests"):
        listed = body.get(key) or ()
        lines = getattr(listed, "lines", ())
        if len(lines) != len(listed):
            line = body.line_of(key)
            raise ConfigError(f"`{key}` is a list.", path=path, line=line, hint=f"{key}: [unique, not_null]")
        for number, entry in enumerate(listed):
            yield parse_spec(entry, Place(path, lines[number]))


def parse_spec(entry: Any, place: Place) -> DataTestSpec:
    """An entry as written: a name, a name with arguments, or a mapping with `test_name`."""
    if isinstance(entry, str):
        return DataTestSpec(entry, place)
    if not isinstance(entry, Mapping) or not entry:
        raise ConfigError(
            "a test is a name, or a name with arguments.", path=place.path, line=place.line,
            hint="- unique, or - accepted_values: {arguments: {values: [...]}}",
        )  # fmt: skip
    kind, body = _kind_and_body(entry, place)
    config = {**{key: body[key] for key in CONFIG_KEYS & body.keys()}, **(body.get("config") or {})}
    beside = {key: value for key, value in body.items() if key not in CONFIG_KEYS | BESIDE}
    return DataTestSpec(
        kind,
        place,
        {**beside, **(body.get("arguments") or {})},
        config,
        str(body.get("name") or ""),
        str(body.get("description") or ""),
    )


def dbt_name(prefix: str, arguments: Mapping[str, Any]) -> str:
    """dbt's name of a generic test: kind and table, then the arguments in the order of their names."""
    words: list[str] = []
    for key in sorted(arguments):
        value = arguments[key]
        parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else [value]
        words += [str(part) for part in parts]
    clean = "__".join(re.sub("[^0-9a-zA-Z_]+", "_", word) for word in words)
    return f"{prefix}_{clean}"


def table_name(name: str, prefix: str) -> str:
    """What dbt calls the table of failing rows: the name, cut where a warehouse would cut it."""
    if len(name) < NAME_MAX:
        return name
    return prefix[:30] + "_" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def _kind_and_body(entry: Mapping[str, Any], place: Place) -> tuple[str, Mapping[str, Any]]:
    beside = dict(entry)
    if "test_name" in beside:
        return str(beside.pop("test_name")), beside
    kind = next((key for key in beside if key not in CONFIG_KEYS | BESIDE), "")
    if not kind:
        raise ConfigError("a test has no name.", path=place.path, line=place.line, hint="- unique: {config: {...}}")
    inner = beside.pop(kind)
    if inner is not None and not isinstance(inner, Mapping):
        raise ConfigError(
            f"the arguments of `{kind}` are keys and values.", path=place.path, line=place.line,
            hint=f"{kind}: {{arguments: {{...}}}}",
        )  # fmt: skip
    return kind, {**(inner or {}), **beside}
