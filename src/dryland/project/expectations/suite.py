"""Reads the expectations of a suite, or of a folder of suites, in the forms of Great Expectations 0.x and 1.x."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from dryland.errors import UsageError
from dryland.values import dataclass

STORES = ("gx/expectations", "great_expectations/expectations", "expectations")  # where suites lie below a project
LEFT_OUT = ("great_expectations.yml", "checkpoints", "uncommitted", "plugins", "validation_definitions")
SETTINGS = frozenset(
    """
    result_format catch_exceptions include_config batch_id interactive_evaluation condition_parser profiler_config
    windows
    """.split()
)
"""What Great Expectations keeps among the arguments, and is none: how results look, and where data comes from."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation, as the suite says it."""

    name: str  # expect_column_values_to_not_be_null
    path: str
    number: int  # its place in the suite, from 1
    arguments: Mapping[str, Any] = field(default_factory=dict)
    parser: str = ""  # whose language `row_condition` is in
    severity: str = ""  # critical, warning or info
    meta: Mapping[str, Any] = field(default_factory=dict)  # with `notes`
    windows: bool = False  # its bounds come from earlier runs

    @property
    def column(self) -> str:
        """The column that it is about; empty when it is about several, or the table."""
        return str(self.arguments.get("column") or "")


def read_suites(path: Path) -> tuple[Expectation, ...]:
    """All expectations of a file, or of the files below a folder.

    Raises:
        UsageError: there is no suite, or a file cannot be read.
    """
    files = list(_files(path))
    found = [each for file in files for each in _read(file, is_alone=file == path)]
    if not found:
        raise UsageError(f"{path} has no expectations.", hint="name a suite (JSON), or the folder `expectations`.")
    return tuple(found)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        below = next((path / each for each in STORES if (path / each).is_dir()), path)
        yield from (file for file in sorted(below.rglob("*.json")) if not set(file.parts) & set(LEFT_OUT))
    else:
        raise UsageError(f"{path}: there is no such file or folder.")


def _read(file: Path, *, is_alone: bool) -> Iterator[Expectation]:
    try:
        said = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as JSON: {error}.") from error
    listed = said.get("expectations") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        if is_alone:
            raise UsageError(f"{file} is no suite: it has no list `expectations`.")
        return
    for number, entry in enumerate(listed, 1):
        if not isinstance(entry, dict) or not (entry.get("type") or entry.get("expectation_type")):
            raise UsageError(f"{file}: expectation {number} has no type.")
        yield _expectation(entry, str(file), number)


def _expectation(entry: Mapping[str, Any], path: str, number: int) -> Expectation:
    given = entry.get("kwargs") or {}
    meta = {**(entry.get("meta") or {})}
    for word in ("notes", "description"):
        if entry.get(word):
            meta[word] = entry[word]
    return Expectation(
        str(entry.get("type") or entry["expectation_type"]), path, number,
        {name: value for name, value in given.items() if name not in SETTINGS and value is not None},
        str(given.get("condition_parser") or ""), str(entry.get("severity") or ""), meta,
        bool(given.get("windows") or entry.get("windows")),
    )  # fmt: skip
