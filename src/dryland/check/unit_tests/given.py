"""Answers what a model asks while it renders, from the rows that a unit test gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import Any

from dryland.check.unit_tests.rows import quoted
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Found, Relation
from dryland.errors import DrylandError, TemplateError
from dryland.sql.substitute import statement, substitute
from dryland.values import dataclass

HINT = "answer in its place: overrides: {macros: {name_of_the_macro: what it gives}}"


@dataclass(frozen=True, slots=True)
class GivenTable:
    """An input of a unit test: the text under which templates know it, and a query for its rows."""

    text: str
    relation: Relation
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class GivenRows:
    """A warehouse in which only the rows that a unit test gives are there."""

    tables: Mapping[str, GivenTable]  # by folded name
    session: Session
    dialect: str
    asked: list[str] = field(default_factory=list)  # every question, in order

    def run_query(self, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Column names and rows.

        Raises:
            TemplateError: it asks for more than the test gives; says how to answer in its place.
        """
        with _explained():
            answer = self.session.fetch(self._over_the_rows(sql))
        return answer.columns, answer.rows

    def execute(self, sql: str) -> None:
        """A unit test changes nothing.

        Raises:
            TemplateError: the model wants to; says how to answer in its place.
        """
        raise TemplateError("the model runs a statement while it renders, and a unit test changes nothing.", hint=HINT)

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        with _explained():
            return self.session.describe(self._over_the_rows(query))

    def columns(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of an input; none of anything else."""
        table = self.tables.get(_folded(relation))
        return self.session.describe(f"{self._with()}SELECT * FROM {quoted(table.name)}") if table else ()

    def relations(self, database: str, schema: str) -> tuple[Found, ...]:
        """The inputs that stand in a schema."""
        place = (database.lower(), schema.lower())
        there = [table.relation for table in self.tables.values()]
        return tuple(Found(each, "table") for each in there if (each.database.lower(), each.schema.lower()) == place)

    def _over_the_rows(self, sql: str) -> str:
        self.asked.append(sql)
        names = {table.text: quoted(table.name) for table in self.tables.values()}
        return f"{self._with()}SELECT * FROM (\n{substitute(statement(sql, self.dialect), names)}\n) AS dryland_asked"

    def _with(self) -> str:
        ctes = [f"{quoted(table.name)} AS (\n{table.sql}\n)" for table in self.tables.values()]
        return f"WITH {', '.join(ctes)}\n" if ctes else ""


def given_tables(tables: list[GivenTable]) -> dict[str, GivenTable]:
    """Tables by the name under which templates look for them."""
    return {_folded(table.relation): table for table in tables}


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DrylandError as error:
        raise TemplateError(
            f"the model asks the warehouse while it renders, and the given rows have no answer: {error.message}",
            hint=HINT,
        ) from error


def _folded(relation: Relation) -> str:
    folded = relation.folded
    return f"{folded.database}.{folded.schema}.{folded.name}"
