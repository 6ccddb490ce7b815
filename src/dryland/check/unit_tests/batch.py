"""Composes one query for many unit tests of a model: it is bound and optimised once, and run for each test's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dryland.check.unit_tests.prepared import Prepared
from dryland.check.unit_tests.query import Subject, actual_query, as_texts
from dryland.check.unit_tests.rows import expected_rows, given_rows, quoted
from dryland.engines.relation import Column
from dryland.project.unit_test import Fixture

LEAST, MOST = 3, 100  # tests in a batch: fewer save nothing, and of more one that fails makes all be asked again
TEST, TESTS, ROWS = "dryland_test", "dryland_tests", "dryland_rows"


def batches(tests: Sequence[Prepared]) -> Iterator[list[Prepared]]:
    """Tests that differ in nothing but values: of the same text of a model, comparing the same columns."""
    alike: dict[object, list[Prepared]] = {}
    for prepared in tests:
        assert prepared.recipe is not None, prepared.test.unique_id
        compared = {str(key).lower() for row in prepared.test.expected.rows[:1] for key in row}
        alike.setdefault((id(prepared.recipe.subject), frozenset(compared)), []).append(prepared)
    for group in alike.values():
        for start in range(0, len(group), MOST):
            if len(batch := group[start : start + MOST]) >= LEAST:
                yield batch


def batch_query(
    batch: Sequence[Prepared],
    subject: Subject,
    columns: Mapping[str, Sequence[Column]],
    made: Sequence[Column],
    dialect: str = "duckdb",
) -> tuple[tuple[str, ...], str]:
    """The columns that are compared, and a query: the number of the test, whether the row is expected, the values.

    `columns` are those of each input, `made` those of the model.

    Raises:
        ConfigError: a row of some test names a column that is not there.
    """
    (_, *names), expected = expected_rows(_numbered([each.test.expected for each in batch]), _with_test(made), dialect)
    inputs = {of: [_fixture(each, of) for each in batch] for of in subject.inputs}
    rows = [given_rows(_numbered(inputs[of]), _with_test(columns[of]), f"`{of}`", dialect) for of in inputs]
    everything = ", ".join(f"{ROWS}_{at} AS (\n{sql}\n)" for at, sql in enumerate(rows))
    given = [(subject.inputs[of], _of_one_test(at, columns[of])) for at, of in enumerate(inputs)]
    kinds = {column.name: column for column in made}
    texts = as_texts([kinds[name] for name in names], dialect)
    tests = ", ".join(f"({number})" for number in range(len(batch)))
    return tuple(names), (
        f"{f'WITH {everything}' if rows else ''}\n"
        f"SELECT {TESTS}.{TEST}, 0, {texts} FROM (VALUES {tests}) AS {TESTS}({TEST}), LATERAL (\n"
        f"{actual_query(subject, given)}\n) AS dryland_made\n"
        f"UNION ALL SELECT {TEST}, 1, {texts} FROM (\n{expected}\n) AS dryland_expected"
    )


def _fixture(prepared: Prepared, of: str) -> Fixture:
    """The last of those that are given for one input, as when it is asked alone."""
    return [each for each in prepared.read if each.of == of][-1]


def _numbered(fixtures: Sequence[Fixture]) -> Fixture:
    """The rows of all tests, each with the number of its test."""
    rows = tuple({TEST: number, **row} for number, fixture in enumerate(fixtures) for row in fixture.rows)
    return replace(fixtures[0], rows=rows)


def _with_test(columns: Sequence[Column]) -> tuple[Column, ...]:
    return (Column(TEST, "INTEGER"), *columns)


def _of_one_test(at: int, columns: Sequence[Column]) -> str:
    names = ", ".join(quoted(column.name) for column in columns)
    return f"SELECT {names} FROM {ROWS}_{at} WHERE {ROWS}_{at}.{TEST} = {TESTS}.{TEST}"
