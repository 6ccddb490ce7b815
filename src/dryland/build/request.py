"""Defines what a materialisation is asked to make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path

from dryland.build.hook import Hook
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Relation
from dryland.project.batches import Batch
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.values import dataclass

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # for what does not depend on it


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
    pre_hooks: tuple[Hook, ...] = ()
    post_hooks: tuple[Hook, ...] = ()
    seed_types: Mapping[str, str] = field(default_factory=dict)
    batches: tuple[Batch, ...] = ()  # of a microbatch model: those to make, in order
    batch_sql: Callable[[Batch, bool, Session], str] | None = None  # the SQL of one; whether a table is there already
    header: str = ""  # `sql_header`: runs right before the table or view is made
    moment: datetime = NO_TIME  # of the run: when a snapshot sees what it sees
    project: Project | None = None  # of a materialization of its own: whose macros make it
    engine: Engine | None = None
    full_refresh: bool = False
    strategy: Mapping[str, str] = field(default_factory=dict)  # of a snapshot: what a macro of the project says of it


Materialise = Callable[[BuildRequest, Session], None]
"""Builds `request.target`; the caller holds a transaction, so it stands whole or not at all.

When there is a `base`, the caller has copied it to `target` already.
"""
