"""Keeps the bench on which unit tests are prepared: the engine that runs them, and each model rendered once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dryland.check.unit_tests.columns import Shapes
from dryland.check.unit_tests.given import GivenRows, GivenTable, given_tables
from dryland.check.unit_tests.prepared import Prepared, Recipe
from dryland.check.unit_tests.query import Subject, subject_of
from dryland.digest import digest
from dryland.engines.protocol import Engine, Session
from dryland.errors import DrylandError, UnsupportedError
from dryland.project.jinja.state import NeedsWarehouseError
from dryland.project.nodes import Rendered
from dryland.project.overridden import OverriddenModels, rendering_key
from dryland.project.project import Project
from dryland.project.unit_test import Fixture, UnitTest
from dryland.project.unit_tests import THIS
from dryland.sql.parse import parse_query
from dryland.sql.volatile import MOMENTS, NAMES, volatile_functions

FORM = 1  # of the question: a new one makes what was remembered void
SUSPICIOUS = re.compile(
    "|".join(sorted({*NAMES, *MOMENTS, "current_", "local", "utc", "sys", "sample"})), re.IGNORECASE
)


@dataclass
class Bench:
    """Prepares unit tests, in one thread; `run_unit_tests` runs them on its engine, in many."""

    project: Project
    dialect: str  # in which the models are written
    engine: Engine
    shapes: Shapes
    set_up: str = ""  # hash of the engine's settings: a division may be another one with others
    models: OverriddenModels = field(init=False)
    _rendered: dict[tuple[str, bool, str], Rendered | None] = field(default_factory=dict)  # None: asks the warehouse
    _subjects: dict[object, tuple[Subject, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.models = OverriddenModels(self.project)

    def prepare(self, test: UnitTest) -> Prepared:
        """Render what is to be rendered, and name the test by all that it depends on."""
        try:
            return Prepared(test, self._recipe(test))
        except DrylandError as error:
            return Prepared(test, error=error)

    # --- preparing -----------------------------------------------------------------------------------------------

    def _recipe(self, test: UnitTest) -> Recipe:
        _verify_runnable(test, self.project)
        rendered, questions = self._rendering(test)
        subject, is_steady = self._subject(rendered, test)
        read = [fixture for fixture in test.given if fixture.of in subject.inputs]
        fixtures = {each.of: self.models.fixture(each, test) for each in (*read, test.expected) if each.sql}
        sql = {of: each.sql for of, each in fixtures.items()}
        rows = [_as_asked(each, sql) for each in (*read, test.expected)]
        asked = [FORM, self.set_up, subject.sql, subject.inner, rows]
        origins = [self.shapes.fingerprint(test.model if each.of == THIS else each.of) for each in read]
        is_timeless = not any(each.volatile for each in (rendered, *fixtures.values()))
        is_timeless = is_timeless and not any(self._is_moving(each) for each in questions)
        is_lasting = is_steady and is_timeless and not any(self._is_moving(each) for each in sql.values())
        return Recipe(digest([asked, origins]), subject, sql, is_lasting, is_timeless)

    def _rendering(self, test: UnitTest) -> tuple[Rendered, list[str]]:
        """The model's SQL, and what it asked while it rendered.

        It is rendered once for all tests that override the same; each for itself if it asks for data.
        """
        key = rendering_key(test)
        if key not in self._rendered:
            try:
                self._rendered[key] = self.models.rendered(test)
            except NeedsWarehouseError:
                self._rendered[key] = None
        known = self._rendered[key]
        if known is not None:
            return known, []
        with self.engine.session() as session:
            rows = self._given_rows(test, session)
            return self.models.rendered(test, rows), rows.asked

    def _given_rows(self, test: UnitTest, session: Session) -> GivenRows:
        tables = []
        for number, fixture in enumerate(test.given):
            relation = self.shapes.input_of(fixture, test).relation
            own = fixture.sql and self.models.fixture(fixture, test).sql
            sql = own or self.shapes.rows(fixture, test, session)
            text = self.engine.render(relation)
            tables.append(GivenTable(text, relation, f"dryland_given_{number}", sql))
        return GivenRows(given_tables(tables), session, self.dialect)

    def _subject(self, rendered: Rendered, test: UnitTest) -> tuple[Subject, bool]:
        """The model as the test runs it, and whether it gives the same each time."""
        key = (rendered.sql, test.model, frozenset(fixture.of for fixture in test.given))
        if key not in self._subjects:
            found = subject_of(rendered, test, self.project, self.dialect)
            texts = [found.sql, *(sql for _, sql in found.inner)]
            self._subjects[key] = found, not any(self._is_moving(text) for text in texts)
        return self._subjects[key]

    def _is_moving(self, sql: str) -> bool:
        """Whether a query may give something else tomorrow; only one with a suspicious word is taken apart."""
        if not SUSPICIOUS.search(sql):
            return False
        try:
            return bool(volatile_functions(parse_query(sql, self.dialect)))
        except DrylandError:
            return True


def _verify_runnable(test: UnitTest, project: Project) -> None:
    """A test whose inputs are not there, or of a model that is no SQL, cannot be run."""
    if test.trouble is not None:
        raise test.trouble
    if project.nodes[test.model].language != "sql":
        raise UnsupportedError(
            f"`{project.name_of(test.model)}` is a Python model, and unit tests run SQL.",
            path=test.place.path, line=test.place.line, hint="test its function with pytest.",
        )  # fmt: skip


def _as_asked(fixture: Fixture, sql: Mapping[str, str]) -> list[object]:
    return [fixture.of, fixture.format, [dict(row) for row in fixture.rows], sql[fixture.of] if fixture.sql else ""]
