"""Refuses what Dryland does not have and a project cannot do without, with file, line and what to do instead."""

from __future__ import annotations

from dryland.errors import UnsupportedError
from dryland.project.properties import Properties

FUNCTIONS = "create the function in an on-run-start hook, or write it as a macro."


def refuse(properties: Properties) -> None:
    """Leaving these out silently would be worse than to stop.

    Raises:
        UnsupportedError: the project has a function of the warehouse.
    """
    for section, hint in (("functions", FUNCTIONS),):
        for patch in properties.unread.get(section, ()):
            raise UnsupportedError(
                f"{section} are not supported yet, and `{patch.name}` is one.",
                path=patch.place.path, line=patch.place.line, hint=hint,
            )  # fmt: skip
