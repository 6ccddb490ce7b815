"""Defines a unit test that is ready to run: rendered, and named by all that its verdict depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dryland.check.unit_tests.query import Subject
from dryland.digest import digest
from dryland.errors import DrylandError
from dryland.project.unit_test import Fixture, UnitTest
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a unit test asks, worked out from the project."""

    key: str  # hash of all that its verdict depends on
    subject: Subject
    sql: Mapping[str, str] = field(default_factory=dict)  # of fixtures in SQL, rendered, by the input
    is_lasting: bool = False  # whether the same key gives the same verdict tomorrow
    is_timeless: bool = False  # whether it is worked out to the same tomorrow: its templates ask for no time


@dataclass(frozen=True, slots=True)
class Prepared:
    """A unit test with its recipe, or with what keeps it from having one."""

    test: UnitTest
    recipe: Recipe | None = None
    error: DrylandError | None = None

    @property
    def verdict_id(self) -> str:
        """Under which its verdict is remembered; empty when it is not."""
        return digest([self.recipe.key, []]) if self.recipe and self.recipe.is_lasting else ""

    @property
    def read(self) -> tuple[Fixture, ...]:
        """The inputs that the model reads."""
        return tuple(each for each in self.test.given if self.recipe and each.of in self.recipe.subject.inputs)
