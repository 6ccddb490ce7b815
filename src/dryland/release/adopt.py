"""Takes over what somebody else made at the names we publish: moved into the store, kept as a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from dryland.engines.protocol import Engine
from dryland.engines.relation import Found, Relation
from dryland.release.publish import Intent, publish
from dryland.state.records import Build, Definition, Pointer, Release, Versions, digest
from dryland.state.store import State


def adopt(
    engine: Engine,
    state: State,
    environment: str,
    found: Iterable[Found],
    nodes: Mapping[Relation, str],
    before: Mapping[str, Pointer],
    *,
    store_schema: str,
    author: str = "",
) -> Release:
    """Move each found table or view into the store and publish it under its old name, in one transaction.

    Readers see the same rows before and after. `nodes` says which node each relation belongs to; `before` holds
    what the environment points to already. The release is one that a rollback can return to.
    """
    taken = [(each, nodes[each.relation]) for each in found]
    columns = engine.columns([each.relation for each, _ in taken])
    live = state.environment(environment)
    parent = live.live_release if live else None
    last = max((release.id for release in state.releases(environment, limit=1)), default=0)
    after = dict(before)
    moves: dict[Relation, Relation] = {}
    definitions = []
    for each, node in taken:
        key = digest(["adopted", environment, node, last])
        store = Relation(each.relation.database, store_schema, f"{each.relation.name[:40]}__{key}")
        versions = Versions(rows=key)
        shape = tuple((column.name, column.type) for column in columns.get(each.relation, ()))
        state.put_build(Build(key, node, store.name, each.kind, versions, shape))
        definition = Definition(node, each.definition, {"adopted": True})
        definitions.append(definition)
        place = (each.relation.database, each.relation.schema, each.relation.name)
        after[node] = Pointer(node, key, place, versions, versions, definition.id)
        moves[each.relation] = store
    intent = Intent(
        environment, "adopt", after, before, definitions, author=author, moves=moves, parent=parent,
        message=f"took over {len(moves)} relations that Dryland did not make",
    )  # fmt: skip
    return publish(engine, state, intent, store_schema=store_schema)


def hand_back(engine: Engine, state: State, adopted: Release, *, store_schema: str) -> Release:
    """Undo an adoption: the environment points where it did before, and what was taken over is what it was."""
    intent = Intent(
        adopted.environment,
        "rollback",
        state.pointers(adopted.parent) if adopted.parent else {},
        state.pointers(adopted.id),
        parent=adopted.id,
        message=f"handed back what release {adopted.id} took over",
        summary={"handed_back": adopted.id},
        returns=taken_over(state, adopted, store_schema),
    )
    return publish(engine, state, intent, store_schema=store_schema)


@contextmanager
def handed_back_unless_published(engine: Engine, state: State, adopted: Release, store_schema: str) -> Iterator[None]:
    """Whatever stops the release that an adoption was for, the others' objects are theirs again."""
    try:
        yield
    finally:
        environment = state.environment(adopted.environment)
        if environment is not None and environment.live_release == adopted.id:
            hand_back(engine, state, adopted, store_schema=store_schema)


def taken_over(state: State, adopted: Release, store_schema: str) -> dict[Relation, Relation]:
    """What an adoption moved: the name it had, and where it lies in the store."""
    pointers = state.pointers(adopted.id).values()
    definitions = state.definitions({pointer.definition for pointer in pointers})
    builds = state.builds({pointer.build_key for pointer in pointers})
    return {
        Relation(*pointer.published): Relation(pointer.published[0], store_schema, builds[pointer.build_key].relation)
        for pointer in pointers
        if definitions[pointer.definition].body.get("adopted")
    }
