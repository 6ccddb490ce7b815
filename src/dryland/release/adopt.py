"""Takes over what somebody else made at the names we publish: moved into the store, kept as a release."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from dryland.build.job import NAME_MAX
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Found, Relation
from dryland.release.at_rest import resting_in
from dryland.release.publish import Intent, publish
from dryland.state.records import Build, Definition, Pointer, Release, Versions
from dryland.state.store import State
from dryland.values import dataclass


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

    Readers see the same rows before and after. `nodes` says which node is to be published where, by the names as we
    write them; `before` holds what the environment points to already. The release is one that a rollback can return to.

    Raises:
        InTheWayError: the warehouse could not hand one of them back as it was.
    """
    taken = _all_taken(engine, tuple(found), nodes, store_schema)
    live = state.environment(environment)
    intent = Intent(
        environment, "adopt", {**before, **{one.pointer.node: one.pointer for one in taken}}, before,
        definitions=[one.definition for one in taken], builds=tuple(one.build for one in taken),
        moves={one.theirs: one.store for one in taken},
        parent=live.live_release if live else None, author=author,
        resting=resting_in(state, live.live_release if live else None),
        message=f"took over {len(taken)} relations that Dryland did not make",
        summary={"taken_over": [one.pointer.node for one in taken]},
    )  # fmt: skip
    return publish(engine, state, intent, store_schema=store_schema)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A relation that somebody else made: its name, its place in the store, and what we write down of it."""

    theirs: Relation
    store: Relation
    build: Build
    definition: Definition
    pointer: Pointer


def _all_taken(
    engine: Engine, found: tuple[Found, ...], nodes: Mapping[Relation, str], store_schema: str
) -> list[_Taken]:
    columns = engine.columns([each.relation for each in found])
    ours = {name.folded: name for name in nodes}
    taken = []
    for each in found:
        name = ours[each.relation.folded]
        taken.append(_taken(each, name, nodes[name], store_schema, columns.get(each.relation, ())))
    return taken


def _taken(found: Found, name: Relation, node: str, store_schema: str, columns: Iterable[Column]) -> _Taken:
    """Nothing is known of how it was made, so its key, which no other build ever has, is the version of all in it."""
    key = secrets.token_hex(8)
    store = Relation(name.database, store_schema, f"{name.name[:NAME_MAX]}__{key}")
    versions = Versions(rows=key)
    build = Build(key, node, store.name, found.kind, versions, tuple((each.name, each.type) for each in columns))
    definition = Definition(node, found.definition, {"adopted": True})
    place = (name.database, name.schema, name.name)
    return _Taken(
        found.relation, store, build, definition, Pointer(node, key, place, versions, versions, definition.id)
    )
