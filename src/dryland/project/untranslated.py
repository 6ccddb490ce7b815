"""Defines what is reported of SQL for which the warehouse has no words, and refuses to go on with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dryland.errors import UntranslatedError
from dryland.project.nodes import Place
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Untranslated:
    """The same, and whose text it is."""

    unique_id: str  # of a node, a check or a source
    name: str
    place: Place
    what: str
    hint: str = ""

    @property
    def line(self) -> str:
        """In a line, for people."""
        return f"{self.place.path}:{self.place.line}: {self.what}"


def as_json(found: Iterable[Untranslated]) -> list[dict[str, Any]]:
    """For machines."""
    return [
        {"node": each.unique_id, "path": each.place.path, "line": each.place.line, "what": each.what, "hint": each.hint}
        for each in found
    ]


def verify_translated(found: Iterable[Untranslated]) -> None:
    """Refuse to go on with what is not translated.

    Raises:
        UntranslatedError: something is not; carries the place of the first, and tells of all.
    """
    listed = tuple(found)
    if not listed:
        return
    first, others = listed[0], listed[1:]
    message = "\n  ".join([f"`{first.name}` is not translated: {first.what}", *(each.line for each in others)])
    raise UntranslatedError(
        message, path=first.place.path, line=first.place.line,
        hint=first.hint or "`dryland plan` lists all of it; docs/other-warehouse.md tells what to write instead.",
    )  # fmt: skip
