"""Reads the rows of unit tests: dictionaries, CSV and SQL, written in place or in files of their own."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dryland.errors import ConfigError
from dryland.project.jinja.marks import has_jinja
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.layout import Layout
from dryland.project.nodes import Node, Place
from dryland.project.properties import files_below
from dryland.project.text_file import read_text
from dryland.project.unit_test import Fixture
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

FOLDER = "fixtures"  # below a folder of tests
FORMATS = ("dict", "csv", "sql")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FixtureReader:
    """Knows the fixture files of a project or package, and its seeds."""

    layout: Layout
    templates: Templates
    nodes: Mapping[str, Node]
    files: Mapping[str, Path]  # by name

    @staticmethod
    def of(layout: Layout, templates: Templates, nodes: Mapping[str, Node]) -> FixtureReader:
        """The reader of this project or package."""
        folders = [f"{folder}/{FOLDER}" for folder in layout.folders("test")]
        files = {path.stem: path for path in files_below(layout.root, folders, (".csv", ".sql"))}
        return FixtureReader(layout, templates, nodes, files)

    def fixture(self, body: Mapped, of: str, place: Place) -> Fixture:
        """The rows that an entry of `given`, or `expect`, says; `of` is the unique id of what they stand for.

        Raises:
            ConfigError: they are not in the format that it names, or stand in a file that is not there.
        """
        kind = str(body.get("format") or "dict")
        if kind not in FORMATS:
            raise ConfigError(
                f"`format: {kind}` is no format of a fixture.", path=place.path, line=_line(body, "format", place),
                hint=f"there are: {', '.join(FORMATS)}.",
            )  # fmt: skip
        if kind == "sql":
            return Fixture(of, "sql", sql=self._text(body, place), place=place)
        rows = self._csv_rows(body, place) if kind == "csv" else self._dict_rows(body, of, place)
        return Fixture(of, "csv" if kind == "csv" else "dict", tuple(rows), place=place)

    def _dict_rows(self, body: Mapped, of: str, place: Place) -> list[Row]:
        rows = body.get("rows")
        seed = self.nodes.get(of)
        if rows is None and seed is not None and seed.kind == "seed":
            return _seed_rows(seed)
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise ConfigError(
                "the rows of a fixture are a list of mappings.", path=place.path, line=_line(body, "rows", place),
                hint="rows: [{id: 1, name: Ana}], or `rows: []` for none; `format: csv` and `format: sql` take text.",
            )  # fmt: skip
        if not _has_templates(rows):
            return rows
        rendered: list[Row] = self.templates.value(rows, Scope(place.path, self.layout.name, line=place.line))
        return rendered

    def _csv_rows(self, body: Mapped, place: Place) -> list[Row]:
        """A field that is left empty is null."""
        text = self.templates.value(self._text(body, place), Scope(place.path, self.layout.name, line=place.line))
        found: list[Row] = []
        for row in csv.DictReader(io.StringIO(str(text))):
            if None in row:
                raise ConfigError(
                    f"row {len(found) + 1} of the CSV has more fields than the header.", path=place.path,
                    line=_line(body, "rows", place), hint="quote a field that has a comma in it.",
                )  # fmt: skip
            found.append({name: value if value != "" else None for name, value in row.items()})
        return found

    def _text(self, body: Mapped, place: Place) -> str:
        """What stands in `rows`, or in the file that `fixture` names."""
        name, rows = body.get("fixture"), body.get("rows")
        if name:
            return self._file(str(name), _line(body, "fixture", place), place)
        if not isinstance(rows, str):
            raise ConfigError(
                f"`format: {body.get('format')}` takes text: `rows`, or the name of a file in `fixture`.",
                path=place.path, line=_line(body, "rows", place),
            )  # fmt: skip
        return rows

    def _file(self, name: str, line: int, place: Place) -> str:
        path = self.files.get(name)
        if path is None:
            near = difflib.get_close_matches(name, self.files, n=1)
            folders = ", ".join(f"{folder}/{FOLDER}" for folder in self.layout.folders("test"))
            raise ConfigError(
                f"there is no fixture `{name}`.", path=place.path, line=line,
                hint=f"`{near[0]}` exists." if near else f"{name}.csv or {name}.sql belongs in {folders}.",
            )  # fmt: skip
        return read_text(path, self.layout.shown(path))


def is_fixture(inner: Path) -> bool:
    """Whether a file, by its path below a folder of tests, is a fixture and no test.

    >>> is_fixture(Path("fixtures/orders.sql")), is_fixture(Path("fixtures.sql"))
    (True, False)
    """
    return inner.parts[0] == FOLDER and len(inner.parts) > 1


def _seed_rows(seed: Node) -> list[Row]:
    assert seed.file is not None, seed.unique_id
    return list(_records(read_text(seed.file, seed.place.path), str(seed.config.get("delimiter", ","))))


def _records(text: str, delimiter: str) -> Iterator[Row]:
    yield from csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)


def _has_templates(value: Any) -> bool:
    """Whether Jinja stands anywhere in it; most rows are plain, and there are many."""
    if isinstance(value, dict):
        return any(map(_has_templates, value.values()))
    if isinstance(value, list):
        return any(map(_has_templates, value))
    return isinstance(value, str) and has_jinja(value)


def _line(body: Mapped, key: str, place: Place) -> int:
    return body.line_of(key) if isinstance(body, Mapped) else place.line
