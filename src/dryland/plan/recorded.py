"""Reads what is remembered of a node that was released."""

from __future__ import annotations

from dryland.engines.publication import Comments, Grants
from dryland.state.records import Definition

COMMENTS, GRANTS = "comments", "grants"  # parts of a definition that go to what readers see
MADE_ANEW = ("table", "view", "materialized_view", "seed", "external")  # no build of theirs starts from the last


def comments_in(definition: Definition) -> Comments | None:
    """What readers are told of what was released, in the warehouse."""
    said = definition.body.get(COMMENTS)
    return Comments(**said) if isinstance(said, dict) else None


def grants_in(definition: Definition) -> Grants | None:
    """Who may do what with what readers see of what was released; None leaves that to others."""
    said = definition.body.get(GRANTS)
    return said if isinstance(said, dict) else None


def file_in(definition: Definition) -> dict[str, str] | None:
    """Where the rows of what was released are wanted as a file: `location`, and the `suffix` of the build's own."""
    said = definition.body.get("file")
    return said if isinstance(said, dict) else None


def grew(definition: Definition) -> bool:
    """Whether builds of what was released started from the ones before: rows of theirs may be nowhere else."""
    return definition.body.get("materialized", "table") not in MADE_ANEW
