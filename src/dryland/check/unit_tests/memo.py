"""Remembers unit tests as they were prepared, beside the project as it is kept, so that none is rendered twice.

A template may ask for more than the project's files: for environment variables, and for columns as they stand in the
warehouse. Those are remembered as well, and what is remembered is void when one of them is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from dryland.check.unit_tests.columns import Known
from dryland.check.unit_tests.prepared import Prepared, Recipe
from dryland.digest import digest
from dryland.project.keeping import keep, recalled
from dryland.project.project import Project
from dryland.project.unit_test import UnitTest
from dryland.values import dataclass

ENDING = "unit_tests"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a prepared unit test depends on besides the project's files."""

    set_up: str  # of the engine that runs it
    environment: Mapping[str, str]
    known: Known  # asks the warehouse
    warehouse: str = ""  # equal when nothing happened in the warehouse; empty when that cannot be told

    def columns(self, unique_id: str) -> str:
        """A hash of the columns of something in the warehouse."""
        return digest([[column.name, column.type] for column in self.known(unique_id)])

    def variable(self, name: str) -> str:
        """A hash of an environment variable, or of its absence."""
        return digest(["value", self.environment.get(name)])


@dataclass(frozen=True, slots=True)
class Memo:
    """The recipes of unit tests, and what they were worked out in."""

    of: str = ""
    recipes: Mapping[str, Recipe] = field(default_factory=dict)  # by unique id of the test
    variables: Mapping[str, str] = field(default_factory=dict)  # that were asked for -> hash
    columns: Mapping[str, str] = field(default_factory=dict)  # of what was looked up in the warehouse -> hash
    warehouse: str = ""

    def of_tests(self, tests: Iterable[UnitTest]) -> dict[str, Prepared]:
        """Those that are remembered."""
        known = self.recipes
        return {each.unique_id: Prepared(each, known[each.unique_id]) for each in tests if each.unique_id in known}

    def holds_in(self, here: Surroundings) -> bool:
        """Whether everything that was asked for has the same answer now."""
        if any(here.variable(name) != hashed for name, hashed in self.variables.items()):
            return False
        if here.warehouse and here.warehouse == self.warehouse:
            return True
        return all(here.columns(unique_id) == hashed for unique_id, hashed in self.columns.items())


def read_memo(project: Project, here: Surroundings) -> Memo:
    """What is remembered of a project; an empty one when that is nothing, or void."""
    if project.kept is None:
        return Memo()
    of = digest([project.kept.stamp, here.set_up])
    found: Memo | None = recalled(project.kept.beside(ENDING), of)
    if found is None or not found.holds_in(here):
        return Memo(of)
    if found.warehouse != here.warehouse:  # something happened there, and changed no columns
        keep(project.kept.beside(ENDING), of, replace(found, warehouse=here.warehouse))
    return found


def write_memo(
    project: Project, memo: Memo, prepared: Iterable[Prepared], asked: Iterable[str], here: Surroundings
) -> None:
    """Remember more: `asked` is what was looked up in the warehouse."""
    new = {each.test.unique_id: each.recipe for each in prepared if each.recipe and each.recipe.is_timeless}
    if project.kept is None or not new:
        return
    whole = Memo(
        memo.of,
        {**memo.recipes, **new},
        {**memo.variables, **{name: here.variable(name) for name in project.templates.environment_asked}},
        {**memo.columns, **{unique_id: here.columns(unique_id) for unique_id in asked}},
        here.warehouse,
    )
    keep(project.kept.beside(ENDING), memo.of, whole)
