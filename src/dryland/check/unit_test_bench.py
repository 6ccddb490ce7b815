"""Keeps the bench on which unit tests run: an empty engine in memory, and each model rendered once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dryland.check.unit_test_columns import Shapes
from dryland.check.unit_test_difference import Difference, Row, difference
from dryland.check.unit_test_given import GivenRows, GivenTable, given_tables
from dryland.check.unit_test_query import Ctes, Subject, actual_query, comparison, subject_of, translated
from dryland.check.unit_test_rows import expected_rows, given_rows
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Column
from dryland.errors import DrylandError, QueryError, UnsupportedError
from dryland.project.jinja.state import NeedsWarehouseError
from dryland.project.nodes import Node, Rendered, Source
from dryland.project.overridden import OverriddenModels, rendering_key
from dryland.project.project import Project
from dryland.project.unit_test import Fixture, UnitTest
from dryland.project.unit_tests import THIS
from dryland.sql.parse import parse_query
from dryland.sql.substitute import statement
from dryland.sql.volatile import MOMENTS, NAMES, volatile_functions
from dryland.state.records import Verdict, VerdictStatus, digest

FORM = 1  # of the question: a new one makes what was remembered void
SUSPICIOUS = re.compile(
    "|".join(sorted({*NAMES, *MOMENTS, "current_", "local", "utc", "sys", "sample"})), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A unit test that is ready to run, or what keeps it from that."""

    test: UnitTest
    key: str = ""  # hash of all that its verdict depends on; empty when that is not known
    subject: Subject | None = None
    sql: Mapping[int, str] = field(default_factory=dict)  # of fixtures in SQL, rendered, by their id()
    is_lasting: bool = False  # whether the same key gives the same verdict tomorrow
    error: DrylandError | None = None

    @property
    def verdict_id(self) -> str:
        """Under which its verdict is remembered."""
        return digest([self.key, []])


@dataclass
class Bench:
    """Prepares unit tests and runs them. Preparing is for one thread, running for many."""

    project: Project
    dialect: str  # in which the models are written
    engine: Engine
    shapes: Shapes
    warehouse: Callable[[], Engine | None]  # asked when a model needs what is only there, such as its own functions
    set_up: str = ""  # hash of the engine's settings: a division may be another one with others
    models: OverriddenModels = field(init=False)
    _rendered: dict[tuple[str, bool, str], Rendered | None] = field(default_factory=dict)  # None: asks the warehouse
    _subjects: dict[object, tuple[Subject, bool]] = field(default_factory=dict)
    _columns: dict[object, tuple[Column, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.models = OverriddenModels(self.project)

    def prepare(self, test: UnitTest) -> Prepared:
        """Render what is to be rendered, and name the test by all that it depends on."""
        try:
            return self._prepared(test)
        except DrylandError as error:
            return Prepared(test, error=error)

    def verdict(self, prepared: Prepared, session: Session) -> Verdict:
        """Run a unit test; `session` is one of the bench's engine."""
        began = time.monotonic()
        test, is_lasting = prepared.test, prepared.is_lasting
        status: VerdictStatus = "pass"
        failures, message = 0, ""
        sample: tuple[Mapping[str, object], ...] = ()
        try:
            if prepared.error:
                raise prepared.error
            found, is_own = self._difference(prepared, session)
            is_lasting = is_lasting and is_own
            if found.count:
                status, failures, message, sample = "fail", found.count, found.sentence, found.table()
        except DrylandError as error:
            status, message = "error", _told(error)
        return Verdict(
            test.unique_id, prepared.key if is_lasting else "", (), status, failures, message, sample,
            duration_s=time.monotonic() - began, at=datetime.now(UTC),
        )  # fmt: skip

    # --- preparing -----------------------------------------------------------------------------------------------

    def _prepared(self, test: UnitTest) -> Prepared:
        _verify_runnable(test, self.project)
        rendered = self._rendering(test)
        subject, is_steady = self._subject(rendered, test)
        read = [fixture for fixture in test.given if fixture.of in subject.inputs]
        sql = {id(each): self.models.fixture_sql(each, test) for each in (*read, test.expected) if each.sql}
        rows = [_as_asked(each, sql) for each in (*read, test.expected)]
        asked = [FORM, self.set_up, subject.sql, subject.inner, rows]
        origins = [self.shapes.fingerprint(test.model if each.of == THIS else each.of) for each in read]
        is_lasting = is_steady and not any(_is_moving(each) for each in sql.values())
        return Prepared(test, digest([asked, origins]), subject, sql, is_lasting)

    def _rendering(self, test: UnitTest) -> Rendered:
        """The model's SQL, rendered once for all tests that override the same; each for itself if it asks for data."""
        key = rendering_key(test)
        if key not in self._rendered:
            try:
                self._rendered[key] = self.models.rendered(test)
            except NeedsWarehouseError:
                self._rendered[key] = None
        known = self._rendered[key]
        if known is not None:
            return known
        with self.engine.session() as session:
            return self.models.rendered(test, self._given_rows(test, session))

    def _given_rows(self, test: UnitTest, session: Session) -> GivenRows:
        tables = []
        for number, fixture in enumerate(test.given):
            relation = self._thing(fixture.of, test).relation
            sql = self.models.fixture_sql(fixture, test) if fixture.sql else self._rows(fixture, test, session)
            text = self.engine.render(relation)
            tables.append(GivenTable(text, relation, f"dryland_given_{number}", sql))
        return GivenRows(given_tables(tables), session, self.dialect)

    def _subject(self, rendered: Rendered, test: UnitTest) -> tuple[Subject, bool]:
        """The model as the test runs it, and whether it gives the same each time."""
        key = (rendered.sql, test.model, frozenset(fixture.of for fixture in test.given))
        if key not in self._subjects:
            found = subject_of(rendered, test, self.project, self.dialect)
            texts = [found.sql, *(sql for _, sql in found.inner)]
            is_steady = not rendered.volatile and not any(_is_moving(text) for text in texts)
            to = self.engine.dialect
            inner = tuple((name, translated(sql, self.dialect, to)) for name, sql in found.inner)
            found = Subject(translated(found.sql, self.dialect, to), found.inputs, inner)
            self._subjects[key] = found, is_steady
        return self._subjects[key]

    # --- running -------------------------------------------------------------------------------------------------

    def _difference(self, prepared: Prepared, session: Session) -> tuple[Difference, bool]:
        """What the test finds, and whether it needed nothing but the bench.

        What is missing here, such as a function that a hook made, may be there in the warehouse: the question
        brings all its rows along, so it can be asked anywhere.
        """
        given = self._given(prepared, session)
        try:
            return self._compared(prepared, given, session, is_own=True), True
        except QueryError:
            warehouse = self.warehouse()
            if warehouse is None:
                raise
            with suppress(DrylandError), warehouse.session() as other:
                return self._compared(prepared, given, other, is_own=False), False
            raise

    def _given(self, prepared: Prepared, session: Session) -> dict[str, str]:
        """The rows of every input that the model reads, under the name by which it reads them."""
        test, subject = prepared.test, prepared.subject
        assert subject is not None, test.unique_id
        found = {}
        for fixture in test.given:
            if fixture.of in subject.inputs:
                sql = prepared.sql[id(fixture)] if fixture.sql else self._rows(fixture, test, session)
                found[subject.inputs[fixture.of]] = statement(sql, self.engine.dialect) if fixture.sql else sql
        return found

    def _rows(self, fixture: Fixture, test: UnitTest, session: Session) -> str:
        unique_id = self._thing(fixture.of, test).unique_id
        return given_rows(fixture, self.shapes.columns(unique_id, session), self.project.name_of(unique_id))

    def _compared(self, prepared: Prepared, given: Mapping[str, str], session: Session, *, is_own: bool) -> Difference:
        test, subject = prepared.test, prepared.subject
        assert subject is not None, test.unique_id
        ctes = tuple(given.items())
        columns = self._made(prepared, subject, ctes, session, is_own=is_own)
        if test.expected.sql:
            names = tuple(column.name for column in columns)
            expected = statement(prepared.sql[id(test.expected)], self.engine.dialect)
        else:
            names, expected = expected_rows(test.expected, columns)
        answer = session.fetch(comparison(subject, ctes, expected, names))
        sides: tuple[list[Row], list[Row]] = ([], [])
        for row in answer.rows:
            sides[row[0]].append(row[1:])
        return difference(names, expected=sides[1], actual=sides[0])

    def _made(
        self, prepared: Prepared, subject: Subject, given: Ctes, session: Session, *, is_own: bool
    ) -> tuple[Column, ...]:
        """The columns that the model makes: the same for all rows in the same columns."""
        if not is_own:
            return session.describe(actual_query(subject, given))
        typed = {
            subject.inputs.get(each.of) for each in prepared.test.given if self._is_typed(each, prepared.test, session)
        }
        key = (id(subject), tuple(cte for cte in given if cte[0] not in typed))
        if key not in self._columns:
            self._columns[key] = session.describe(actual_query(subject, given))
        return self._columns[key]

    def _is_typed(self, fixture: Fixture, test: UnitTest, session: Session) -> bool:
        """Whether its columns are those of the input, whatever the rows are."""
        return not fixture.sql and bool(self.shapes.columns(self._thing(fixture.of, test).unique_id, session))

    def _thing(self, of: str, test: UnitTest) -> Node | Source:
        unique_id = test.model if of == THIS else of
        return self.project.nodes.get(unique_id) or self.project.sources[unique_id]


def _verify_runnable(test: UnitTest, project: Project) -> None:
    """A test whose inputs are not there, or of a model that is no SQL, cannot be run."""
    if test.trouble is not None:
        raise test.trouble
    if project.nodes[test.model].language != "sql":
        raise UnsupportedError(
            f"`{project.name_of(test.model)}` is a Python model, and unit tests run SQL.",
            path=test.place.path, line=test.place.line, hint="test its function with pytest.",
        )  # fmt: skip


def _as_asked(fixture: Fixture, sql: Mapping[int, str]) -> list[object]:
    return [fixture.of, fixture.format, [dict(row) for row in fixture.rows], sql.get(id(fixture), "")]


def _is_moving(sql: str) -> bool:
    """Whether a query may give something else tomorrow; only one with a suspicious word is taken apart."""
    if not SUSPICIOUS.search(sql):
        return False
    try:
        return bool(volatile_functions(parse_query(sql, "duckdb")))
    except DrylandError:
        return True


def _told(error: DrylandError) -> str:
    return f"{error.message}\n    hint: {error.hint}" if error.hint else error.message
