"""Publishes: writes down what is meant, swaps all views in one transaction, writes down that it is done.

The warehouse notes the release in the same transaction that swaps the views, so after a crash it knows which
release readers see, and `recover` brings the metadata in line with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from dryland.engines.protocol import Engine, Publication
from dryland.engines.relation import Relation
from dryland.plan.recorded import comments_in, grants_in
from dryland.release.pointers import publication
from dryland.state.records import Pointer, Release, ReleaseDraft
from dryland.state.store import State


@dataclass(frozen=True, slots=True)
class Intent(ReleaseDraft):
    """A release to be, and how the views that readers see come to be what it says."""

    before: Mapping[str, Pointer]
    _: KW_ONLY
    again: frozenset[str] = frozenset()  # views to make again although nothing about them changed
    moves: Mapping[Relation, Relation] = field(default_factory=dict)  # taken over: name -> place in the store
    returns: Mapping[Relation, Relation] = field(default_factory=dict)  # handed back: name -> place in the store


def publish(engine: Engine, state: State, intent: Intent, *, store_schema: str) -> Release:
    """Make `intent` what readers see. Killed at any line, readers see all of it or none."""
    again = intent.again if is_shown(engine.published(), state, intent.environment) else frozenset(intent.after)
    release = state.begin_release(intent)
    swap = _swap(state, release, intent.after, intent.before, store=(engine.database, store_schema), again=again)
    try:
        engine.publish(_with_moves(swap, intent))
    except BaseException:
        if engine.published().get(intent.environment) != release.note:
            state.abandon_release(release.id)
        raise
    return state.complete_release(release.id)


def is_shown(notes: Mapping[str, str], state: State, environment: str) -> bool:
    """Whether the warehouse notes the live release; not when it, or the metadata, came back from a copy."""
    known = state.environment(environment)
    if known is None or known.live_release is None:
        return True
    live = state.release(known.live_release)
    return live is not None and notes.get(environment) == live.note


def recover(engine: Engine, state: State, *, store_schema: str) -> tuple[Release, ...]:
    """Finish or drop what a killed process left between its intent and its last word; return what was finished."""
    unfinished = state.unfinished_releases()
    if not unfinished:
        return ()
    seen = engine.published()
    finished = []
    for release in unfinished:
        if seen.get(release.environment) == release.note:
            after = state.pointers(release.id)
            before = state.pointers(release.parent) if release.parent is not None else {}
            store = (engine.database, store_schema)
            engine.complete(_swap(state, release, after, before, store=store, again=frozenset(after)))
            finished.append(state.complete_release(release.id))
        else:
            state.abandon_release(release.id)
    return tuple(finished)


def _swap(
    state: State,
    release: Release,
    after: Mapping[str, Pointer],
    before: Mapping[str, Pointer],
    *,
    store: tuple[str, str],
    again: frozenset[str],
) -> Publication:
    """What the release changes for readers."""
    changed = [node for node in after if node in again or before.get(node) != after[node]]
    builds = state.builds({after[node].build_key for node in changed})
    ids = {each[node].definition for each in (after, before) for node in changed if node in each}
    definitions = state.definitions(ids)
    said = {uid: comments for uid, each in definitions.items() if (comments := comments_in(each))}
    granted = {uid: grants for uid, each in definitions.items() if (grants := grants_in(each))}
    return publication(
        release.environment, release.note, after, before, builds, store=store, said=said, granted=granted, again=again
    )  # fmt: skip


def _with_moves(swap: Publication, intent: Intent) -> Publication:
    views = {name: store for name, store in swap.views.items() if name not in intent.returns}
    comments = {name: said for name, said in swap.comments.items() if name in views}
    grants = {name: granted for name, granted in swap.grants.items() if name in views}
    drops = tuple(name for name in swap.drops if name not in intent.returns)
    return replace(
        swap, views=views, drops=drops, comments=comments, grants=grants, moves=intent.moves, returns=intent.returns
    )  # fmt: skip
