"""Asks what unit tests say: many of one model in one query, and each alone whose verdict that does not settle."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dryland.check.unit_tests.apart import keeps_apart
from dryland.check.unit_tests.batch import batch_query, batches
from dryland.check.unit_tests.columns import Shapes
from dryland.check.unit_tests.difference import Difference, Row, difference
from dryland.check.unit_tests.prepared import Prepared, Recipe
from dryland.check.unit_tests.query import Ctes, actual_query, comparison
from dryland.check.unit_tests.rows import expected_rows
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Column
from dryland.errors import DrylandError, QueryError
from dryland.project.unit_test import Fixture, UnitTest
from dryland.sql.substitute import statement
from dryland.state.records import Verdict, VerdictStatus


@dataclass
class Asking:
    """Runs prepared unit tests. For many threads; those of one model are for one of them."""

    engine: Engine
    shapes: Shapes
    warehouse: Callable[[], Engine | None]  # asked when a model needs what is only there, such as its own functions
    _apart: dict[int, bool] = field(default_factory=dict)
    _columns: dict[object, tuple[Column, ...]] = field(default_factory=dict)

    def verdicts(self, group: Sequence[Prepared], on_done: Callable[[Verdict], None]) -> list[Verdict]:
        """What the tests of one model say, in any order."""
        found = []
        with self.engine.session() as session:
            for batch in batches([each for each in group if self._may_join(each, session)]):
                for verdict in self._passing(batch, session):
                    found.append(verdict)
                    on_done(verdict)
            settled = {each.check for each in found}
            for prepared in group:
                if prepared.test.unique_id not in settled:
                    found.append(self.verdict(prepared, session))
                    on_done(found[-1])
        return found

    def verdict(self, prepared: Prepared, session: Session) -> Verdict:
        """What one unit test says that is asked alone; `session` is one of the bench's engine."""
        began = time.monotonic()
        is_own = True
        status: VerdictStatus = "pass"
        failures, message = 0, ""
        sample: tuple[Mapping[str, object], ...] = ()
        try:
            if prepared.recipe is None:
                assert prepared.error is not None, prepared.test.unique_id
                raise prepared.error
            found, is_own = self._difference(prepared, prepared.recipe, session)
            if found.count:
                status, failures, message, sample = "fail", found.count, found.sentence, found.table()
        except DrylandError as error:
            status, message = "error", _told(error)
        return Verdict(
            prepared.test.unique_id, _hash(prepared) if is_own else "", (), status, failures, message, sample,
            duration_s=time.monotonic() - began, at=datetime.now(UTC),
        )  # fmt: skip

    # --- many at once --------------------------------------------------------------------------------------------

    def _may_join(self, prepared: Prepared, session: Session) -> bool:
        """Whether a test can be asked together with others of its model."""
        recipe = prepared.recipe
        if recipe is None or not recipe.is_lasting or prepared.test.expected.sql:
            return False
        if not all(self._is_typed(each, prepared.test, session) for each in prepared.read):
            return False
        if id(recipe.subject) not in self._apart:
            texts = (recipe.subject.sql, *(sql for _, sql in recipe.subject.inner))
            read = {each.of: self.shapes.of_input(each, prepared.test, session) for each in prepared.read}
            names = {recipe.subject.inputs[of]: [column.name for column in each] for of, each in read.items()}
            self._apart[id(recipe.subject)] = keeps_apart(texts, names, self.engine.dialect)
        return self._apart[id(recipe.subject)]

    def _passing(self, batch: Sequence[Prepared], session: Session) -> list[Verdict]:
        """Verdicts of those that pass. Whatever else happens says nothing about any single one of them."""
        began = time.monotonic()
        try:
            passing = self._without_difference(batch, session)
        except Exception:  # a query of this form may also find a defect of the driver: each is asked alone then
            return []
        each_s = (time.monotonic() - began) / len(batch)
        return [
            Verdict(one.test.unique_id, _hash(one), (), "pass", 0, duration_s=each_s, at=datetime.now(UTC))
            for one in passing
        ]

    def _without_difference(self, batch: Sequence[Prepared], session: Session) -> list[Prepared]:
        first = batch[0]
        assert first.recipe is not None, first.test.unique_id
        subject = first.recipe.subject
        ctes = tuple(self._given(first, first.recipe, session).items())
        made = self._made(first, first.recipe, ctes, session, is_own=True)
        columns = {each.of: self.shapes.of_input(each, first.test, session) for each in first.read}
        names, sql = batch_query(batch, subject, columns, made, self.engine.dialect)
        sides: list[tuple[list[Row], list[Row]]] = [([], []) for _ in batch]
        for number, side, *row in session.fetch(sql).rows:
            sides[number][side].append(tuple(row))
        return [
            one
            for one, (actual, expected) in zip(batch, sides, strict=True)
            if not difference(names, expected=expected, actual=actual).count
        ]

    # --- one alone -----------------------------------------------------------------------------------------------

    def _difference(self, prepared: Prepared, recipe: Recipe, session: Session) -> tuple[Difference, bool]:
        """What the test finds, and whether it needed nothing but the bench.

        What is missing here, such as a function that a hook made, may be there in the warehouse: the question
        brings all its rows along, so it can be asked anywhere.
        """
        given = tuple(self._given(prepared, recipe, session).items())
        try:
            return self._compared(prepared, recipe, given, session, is_own=True), True
        except QueryError:
            warehouse = self.warehouse()
            if warehouse is None:
                raise
            with suppress(DrylandError), warehouse.session() as other:
                return self._compared(prepared, recipe, given, other, is_own=False), False
            raise

    def _given(self, prepared: Prepared, recipe: Recipe, session: Session) -> dict[str, str]:
        """The rows of every input that the model reads, under the name by which it reads them."""
        found = {}
        for fixture in prepared.read:
            own = statement(recipe.sql[fixture.of], self.engine.dialect) if fixture.sql else ""
            found[recipe.subject.inputs[fixture.of]] = own or self.shapes.rows(fixture, prepared.test, session)
        return found

    def _compared(
        self, prepared: Prepared, recipe: Recipe, given: Ctes, session: Session, *, is_own: bool
    ) -> Difference:
        wanted = prepared.test.expected
        columns = self._made(prepared, recipe, given, session, is_own=is_own)
        if wanted.sql:
            names = tuple(column.name for column in columns)
            expected = statement(recipe.sql[wanted.of], self.engine.dialect)
        else:
            names, expected = expected_rows(wanted, columns, self.engine.dialect)
        kinds = {column.name: column for column in columns}
        compared = [kinds[name] for name in names]
        sides: tuple[list[Row], list[Row]] = ([], [])
        for row in session.fetch(comparison(recipe.subject, given, expected, compared, self.engine.dialect)).rows:
            sides[row[0]].append(row[1:])
        return difference(names, expected=sides[1], actual=sides[0])

    def _made(
        self, prepared: Prepared, recipe: Recipe, given: Ctes, session: Session, *, is_own: bool
    ) -> tuple[Column, ...]:
        """The columns that the model makes: the same for all rows in the same columns."""
        query, inputs = actual_query(recipe.subject, given), recipe.subject.inputs
        if not is_own:
            return session.describe(query)
        typed = {inputs[each.of] for each in prepared.read if self._is_typed(each, prepared.test, session)}
        key = (id(recipe.subject), tuple(cte for cte in given if cte[0] not in typed))
        if key not in self._columns:
            self._columns[key] = session.describe(query)
        return self._columns[key]

    def _is_typed(self, fixture: Fixture, test: UnitTest, session: Session) -> bool:
        """Whether its columns are those of the input, whatever the rows are."""
        return not fixture.sql and bool(self.shapes.of_input(fixture, test, session))


def _hash(prepared: Prepared) -> str:
    return prepared.recipe.key if prepared.recipe and prepared.recipe.is_lasting else ""


def _told(error: DrylandError) -> str:
    return f"{error.message}\n    hint: {error.hint}" if error.hint else error.message
