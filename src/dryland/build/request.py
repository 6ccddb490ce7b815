"""Defines what a materialisation is asked to make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dryland.engines.protocol import Session
from dryland.engines.relation import Relation
from dryland.project.nodes import Node


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One node to build at `target`, with everything it reads already named."""

    node: Node
    target: Relation  # in the store; nothing of that name is in use
    root: Path
    dialect: str
    sql: str = ""  # physical names in place; for incremental builds the incremental form
    base: Relation | None = None  # the generation that `target` starts as a copy of; None builds from nothing
    inputs: Mapping[str, Relation] = field(default_factory=dict)  # unique id -> physical relation, sources included
    names: Mapping[tuple[str, ...], str] = field(
        default_factory=dict
    )  # ("ref", "orders") -> unique id, for Python models
    pinned: bool = False  # a view over sources that is kept as a table, so that its readers are gated too
    pre_hooks: tuple[str, ...] = ()  # SQL with physical names
    post_hooks: tuple[str, ...] = ()
    seed_types: Mapping[str, str] = field(default_factory=dict)


Materialise = Callable[[BuildRequest, Session], None]
"""Builds `request.target`; the caller holds a transaction, so it stands whole or not at all.

When there is a `base`, the caller has copied it to `target` already.
"""
