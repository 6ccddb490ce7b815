"""Refuses what Dryland does not have and a project cannot do without, with file, line and what to do instead."""

from __future__ import annotations

from dryland.errors import UnsupportedError
from dryland.project.layout import Layout
from dryland.project.properties import Properties, files_below

SNAPSHOTS = "move it out of the project for now; releases keep the history of every build."
FUNCTIONS = "create the function in an on-run-start hook, or write it as a macro."


def refuse(layout: Layout, properties: Properties) -> None:
    """Leaving these out silently would be worse than to stop.

    Raises:
        UnsupportedError: the project has a snapshot or a function of the warehouse.
    """
    for path in files_below(layout.root, layout.folders("snapshot"), (".sql",)):
        raise UnsupportedError("snapshots are not supported yet.", path=layout.shown(path), line=1, hint=SNAPSHOTS)
    for section, hint in (("snapshots", SNAPSHOTS), ("functions", FUNCTIONS)):
        for patch in properties.unread.get(section, ()):
            raise UnsupportedError(
                f"{section} are not supported yet, and `{patch.name}` is one.",
                path=patch.place.path, line=patch.place.line, hint=hint,
            )  # fmt: skip
