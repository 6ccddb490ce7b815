"""Creates and drops environments: only pointers and views move, never data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dryland.engines.protocol import Engine
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, UsageError
from dryland.plan.environment import kept_failures, published_relation
from dryland.project.project import Project
from dryland.release.at_rest import resting_in
from dryland.release.environment_names import verify_name
from dryland.release.hand_back import held
from dryland.release.patience import patiently
from dryland.release.provenance import provenance
from dryland.release.publish import Intent, publish, publish_fenced, settle
from dryland.state.records import Definition, Environment, Pointer, Release
from dryland.state.store import State

NONE: Mapping[str, Pointer] = {}


def create_environment(engine: Engine, state: State, project: Project, name: str, base: str) -> Environment:
    """Create `name` as a copy of `base`'s pointers: one view per node, no data.

    Raises:
        UsageError: the name is taken, or `base` does not exist.
        InTheWayError: somebody else's objects stand in its schemas.
    """
    verify_name(name)
    known = state.environment(name)
    if known is not None and known.live_release is not None:  # without a release it is one that a crash left half made
        hint = "choose another name." if name == project.settings.default_environment else f"dryland env drop {name}"
        raise UsageError(f"the environment `{name}` exists already.", hint=hint)
    before = pointers_of(state, base)
    if before is None:
        raise UsageError(f"there is no environment `{base}` to start from.", hint="dryland env list; dryland apply")
    state.create_environment(name, base)
    try:
        live = state.environment(base)
        fill(engine, state, project, name, before, resting=resting_in(state, live.live_release if live else None))
    except InTheWayError:
        state.drop_environment(name)
        raise
    created = state.environment(name)
    assert created is not None
    return created


def fill(
    engine: Engine,
    state: State,
    project: Project,
    name: str,
    pointers: Mapping[str, Pointer],
    *,
    resting: Mapping[str, Pointer] = NONE,
    definitions: Iterable[Definition] = (),
    message: str = "",
) -> Release:
    """Point the existing environment `name` at these builds, under its own schemas; `definitions` are new ones."""
    author = provenance(project.root).author
    after = {}
    for node, pointer in pointers.items():
        relation = _relation(project, pointer, name)
        after[node] = replace(pointer, published=(relation.database, relation.schema, relation.name))
    before = pointers_of(state, name) or {}
    intent = Intent(
        name, "env", after, before, resting=resting, definitions=definitions, author=author, message=message
    )  # fmt: skip
    return publish(engine, state, intent, store_schema=project.settings.store_schema)


def drop_environment(engine: Engine, state: State, project: Project, name: str) -> None:
    """Drop an environment's views, then what is remembered of it; builds stay until `gc`.

    What it took over becomes again what it was, for whoever made it.
    """
    if name == project.settings.default_environment:
        raise UsageError(f"`{name}` is the default environment and cannot be dropped.")
    if state.environment(name) is None:
        raise UsageError(f"there is no environment `{name}`.", hint="dryland env list")
    patiently(lambda: _drop(engine, state, project, name), lambda: settle(engine, state, name))


def _drop(engine: Engine, state: State, project: Project, name: str) -> None:
    """Drop what is there of it still: done again, it goes on where it stopped."""
    views = tuple(Relation(*pointer.published) for pointer in (pointers_of(state, name) or {}).values())
    returns = _held_in_store(engine, state, name, project.settings.store_schema)
    drops = tuple(view for view in views if view not in returns)
    publish_fenced(engine, state, Publication(name, "", {}, drops, returns=returns))
    _drop_kept_failures(engine, project, name)
    engine.forget(name)  # before the last word: a note of an environment that nobody knows would stop `gc`
    state.drop_environment(name)


def _held_in_store(engine: Engine, state: State, name: str, store_schema: str) -> dict[Relation, Relation]:
    """What an environment took over, but for what `gc` cleaned up together with releases too old to be kept."""
    places = {relation: each.place for relation, each in held(state, name, store_schema).items()}
    found = engine.list_relations({(place.database, place.schema) for place in places.values()})
    standing = {each.relation for each in found}
    return {relation: place for relation, place in places.items() if place in standing}


def _drop_kept_failures(engine: Engine, project: Project, name: str) -> None:
    """Rows that failed in an environment go with it: they may be somebody's data."""
    kept = {
        kept_failures(check, project, engine.database, name)
        for check in project.checks.values()
        if check.store_failures
    }
    found = engine.list_relations({(table.database, table.schema) for table in kept})
    with engine.session() as session:
        session.drop([(each.relation, each.kind) for each in found if each.relation in kept])


def pointers_of(state: State, environment: str) -> dict[str, Pointer] | None:
    """The live pointers of an environment; None when it does not exist."""
    found = state.environment(environment)
    if found is None:
        return None
    return state.pointers(found.live_release) if found.live_release is not None else {}


def _relation(project: Project, pointer: Pointer, environment: str) -> Relation:
    node = project.nodes.get(pointer.node)
    prod = node.relation if node else Relation(*pointer.published)
    return published_relation(prod, environment, project.settings.default_environment)
