"""Composes what a unit test asks: the model over the rows that are given, beside the rows that are expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dryland.check.unit_tests.inputs import Replacement, replaced
from dryland.check.unit_tests.rows import quoted
from dryland.engines.relation import Column
from dryland.errors import ConfigError
from dryland.project.ephemeral import is_ephemeral
from dryland.project.jinja.cte import CTE_PREFIX
from dryland.project.nodes import Rendered
from dryland.project.project import Project
from dryland.project.unit_test import UnitTest
from dryland.project.unit_tests import THIS
from dryland.values import dataclass

ACTUAL, EXPECTED, SIDE = "dryland_actual", "dryland_expected", "dryland_side"

Ctes = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A model as a unit test runs it: its SQL, and under which names it looks for its inputs."""

    sql: str
    inputs: Mapping[str, str]  # unique id, or `this` -> name of the CTE with the rows that are given
    inner: tuple[tuple[str, str], ...] = ()  # ephemeral models that it reads and that are not given: name, SQL


def subject_of(rendered: Rendered, test: UnitTest, project: Project, dialect: str) -> Subject:
    """Put the names of the given inputs into a rendered model; ephemeral models may stand for themselves.

    Raises:
        ConfigError: it reads something that the test does not give.
    """
    inputs: dict[str, str] = {}
    inner: dict[str, str] = {}
    sql = _named(rendered, test, project, dialect, inputs, inner)
    return Subject(sql, inputs, tuple(inner.items()))


def actual_query(subject: Subject, given: Ctes) -> str:
    """What the model makes of the rows that are given."""
    return f"{_with(subject, given)}\nSELECT * FROM {ACTUAL}"


def comparison(subject: Subject, given: Ctes, expected: str, columns: Sequence[Column], dialect: str) -> str:
    """Both sides in one answer, values as text: first whether a row was expected, then the compared columns."""
    names = ", ".join(quoted(column.name) for column in columns)
    return (
        f"{_with(subject, given)}, {EXPECTED} AS (\n{expected}\n)\n"
        f"SELECT {SIDE}, {as_texts(columns, dialect)} FROM (SELECT 0 AS {SIDE}, {names} FROM {ACTUAL}\n"
        f"UNION ALL SELECT 1 AS {SIDE}, {names} FROM {EXPECTED}) AS dryland_both"
    )


ALIKE: Mapping[tuple[str, str], str] = {
    ("postgres", "numeric"): "TRIM_SCALE({})", ("postgres", "json"): "CAST({} AS JSONB)",
}  # fmt: skip
"""Of types in which the same value may be written in several ways: how it is written in one."""


def as_texts(columns: Sequence[Column], dialect: str) -> str:
    """The columns of a SELECT, their values as text.

    >>> print(as_texts([Column("n", "numeric")], "postgres"))
    CAST(TRIM_SCALE("n") AS VARCHAR) AS "n"
    """
    named = [(quoted(each.name), ALIKE.get((dialect, each.type), "{}")) for each in columns]
    return ", ".join(f"CAST({form.format(name)} AS VARCHAR) AS {name}" for name, form in named)


def _with(subject: Subject, given: Ctes) -> str:
    ctes = "".join(f"{quoted(name)} AS (\n{sql}\n), " for name, sql in (*given, *subject.inner))
    return f"WITH {ctes}{ACTUAL} AS (\n{subject.sql}\n)"


def _named(
    rendered: Rendered, test: UnitTest, project: Project, dialect: str, inputs: dict[str, str], inner: dict[str, str]
) -> str:
    given = {fixture.of for fixture in test.given}
    places: dict[str, Replacement] = {}
    for text, unique_id in rendered.relations.items():
        if unique_id in given:
            if unique_id not in inputs:
                inputs[unique_id] = _cte(unique_id, test, project, inputs)
            places[text] = Replacement(inputs[unique_id], _table(unique_id, test, project))
        elif not is_ephemeral(unique_id, project.nodes):
            raise _not_given(unique_id, test, project)
        elif text not in inner:
            inner[text] = _named(project.nodes[unique_id].rendered, test, project, dialect, inputs, inner)
    return replaced(rendered.sql, places, dialect)


def _cte(unique_id: str, test: UnitTest, project: Project, inputs: Mapping[str, str]) -> str:
    source = project.sources.get(unique_id)
    schema = f"{source.source_name}__" if source else ""
    name = f"{CTE_PREFIX}{schema}{_table(unique_id, test, project)}"
    while name in inputs.values():
        name += "_"
    return name


def _table(unique_id: str, test: UnitTest, project: Project) -> str:
    """The name of the table that an input stands for, without its schema."""
    if unique_id in project.sources:
        return project.sources[unique_id].relation.name
    return project.nodes[test.model if unique_id == THIS else unique_id].relation.name


def _not_given(unique_id: str, test: UnitTest, project: Project) -> ConfigError:
    source = project.sources.get(unique_id)
    name = THIS if unique_id == THIS else project.name_of(unique_id)
    how = f"source('{source.source_name}', '{source.name}')" if source else f"ref('{name}')"
    return ConfigError(
        f"the model reads `{name}`, and no rows of it are given.", path=test.place.path, line=test.place.line,
        hint=f"given: [{{input: {THIS if name == THIS else how}, rows: []}}]",
    )  # fmt: skip
