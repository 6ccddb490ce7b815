"""Works ahead for a project that was read for the first time: what models and checks mean, and dbt's manifest of it.

It is kept beside the project, so that the first plan and the first release find it. What is wrong with the project is
for those to tell, and whatever cannot be worked out here is left to them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, cast

from dryland.artifacts.invocation import Invocation, may_be_told_before, wants_artifacts
from dryland.build.progress import watched
from dryland.engines.registry import Address, file_of, open_engine
from dryland.engines.unopened import Unopened
from dryland.errors import DrylandError
from dryland.plan.definition import written_hash
from dryland.timings import timed

if TYPE_CHECKING:
    from dryland.engines.protocol import Engine
    from dryland.engines.relation import Column
    from dryland.workshop import Workshop

ASKING_MORE = frozenset({"extensions", "plugins", "module_paths", "config_options"})
"""Settings of a DuckDB file that may be loaded from elsewhere, or are code of the team's."""


@timed("work ahead")
def work_ahead(workshop: Workshop) -> None:
    """Keep what models and checks mean and say, and the manifest of the default environment."""
    for work in (_analyse, _hash_texts, _hash_checks, _make_manifest):
        with suppress(Exception):  # the answer is given, and who needs this meets what is wrong again
            work(workshop)


def _analyse(workshop: Workshop) -> None:
    workshop.meanings_over(_columns_at_hand(workshop), accepts=lambda sql: True)


def _hash_texts(workshop: Workshop) -> None:
    project = workshop.project
    for node in project.nodes.values():
        written_hash(node, project, project.warehouse.type, workshop.remembered)


def _hash_checks(workshop: Workshop) -> None:
    _ = workshop.check_hashes


def _columns_at_hand(workshop: Workshop) -> Mapping[str, tuple[Column, ...]]:
    """The columns of sources in a warehouse that is a file; without them the plan asks again about all that reads one.

    Not where to open it would load or run anything besides.
    """
    project = workshop.written
    warehouse = project.warehouse
    file = file_of(warehouse.type, warehouse.settings, project.root)
    if file is None or not file.exists() or warehouse.settings.keys() & ASKING_MORE:
        return {}
    store = project.settings.store_schema
    address = Address(warehouse.settings, warehouse.database, project.root, store, wait_s=0.0, is_read_only=True)
    try:
        with timed("source columns"), closing(open_engine(warehouse.type, address)) as engine:
            return workshop.columns_of_sources(engine)
    except DrylandError:  # somebody is at work there, or the plan will tell
        return {}


@timed("artifacts")
def _make_manifest(workshop: Workshop) -> None:
    project, variables = workshop.project, dict(os.environ)
    if not wants_artifacts(project, variables) or not may_be_told_before(project):
        return
    with timed("imports"):
        from dryland.artifacts.compiled import Compiler
        from dryland.artifacts.pieces import manifest_pieces

    environment = project.settings.default_environment
    unopened = cast("Engine", Unopened(project.warehouse.type))
    compiler, invocation = Compiler(project, lambda: unopened, environment), Invocation("apply", environment, variables)
    with watched(workshop.progress, 1, "dbt's manifest") as tell:
        tell(0)
        manifest_pieces(compiler, invocation)
