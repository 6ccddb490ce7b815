"""Has plugins load their sources before what reads them is built."""

from __future__ import annotations

from collections.abc import Collection

from dryland.engines.plugin_source import PluginSource
from dryland.engines.protocol import Engine
from dryland.errors import DrylandError
from dryland.plan.order import reach
from dryland.plan.plan import Plan
from dryland.project.external_source import said_of
from dryland.project.nodes import Source
from dryland.project.project import Project
from dryland.timings import timed

SEEN_THROUGH = frozenset({"ephemeral", "view"})  # who reads one of these reads what is behind it


@timed("sources")
def load_plugin_sources(project: Project, engine: Engine, plan: Plan, *, done: Collection[str]) -> tuple[str, ...]:
    """Load every source that a plugin brings and a node to be built reads, but those that are done; return their ids.

    Raises:
        UnsupportedError: there is no such plugin, or it cannot be imported; with the source's place.
        WarehouseError: it failed.
    """
    brought = {uid: source for uid, source in project.sources.items() if said_of(source.config).get("plugin")}
    if not brought:
        return ()
    wanted = sorted((brought.keys() & _behind(project, plan.nodes_to("build"))) - set(done))
    for uid in wanted:
        _load(engine, brought[uid])
    return tuple(wanted)


def _behind(project: Project, built: tuple[str, ...]) -> set[str]:
    """What these read, be it through views."""

    def above(unique_id: str) -> tuple[str, ...]:
        node = project.nodes.get(unique_id)
        return node.depends_on if node and (unique_id in start or node.materialized in SEEN_THROUGH) else ()

    start = frozenset(built)
    return set(reach(built, above))


def _load(engine: Engine, source: Source) -> None:
    said = said_of(source.config)
    try:
        engine.load_source(str(said["plugin"]), PluginSource(source.name, source.relation, said, source.tags))
    except DrylandError as error:
        if error.path is None:
            error.path, error.line = source.place.path, source.place.line
        raise
