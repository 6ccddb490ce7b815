"""Refuses two tests of one unique id: nobody could tell which of them is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from dryland.errors import DuplicateError
from dryland.project.nodes import Check
from dryland.project.unit_test import UnitTest

Test = TypeVar("Test", Check, UnitTest)


def unique(tests: Iterable[Test], kind: str, *, hint: str) -> dict[str, Test]:
    """Tests by unique id; `kind` is what people call them.

    Raises:
        DuplicateError: two have one; names both places.
    """
    found: dict[str, Test] = {}
    for test in tests:
        if test.unique_id in found:
            other = found[test.unique_id].place
            raise DuplicateError(
                f"the {kind} `{test.name}` is there twice: {other.path}:{other.line} and here.",
                path=test.place.path, line=test.place.line, hint=hint,
            )  # fmt: skip
        found[test.unique_id] = test
    return found
