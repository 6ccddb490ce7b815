"""Publishes: writes down what is meant, swaps all views in one transaction, writes down that it is done.

The warehouse notes the release in the same transaction that swaps the views, so after a crash it knows which
release readers see, and `recover` brings the metadata in line with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, field, replace

from dryland.engines.protocol import Engine
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import FencedError, WarehouseLostError
from dryland.plan.recorded import COMMENTS, GRANTS, comments_in, grants_in
from dryland.release.patience import patiently
from dryland.release.pointers import publication
from dryland.state.records import Pointer, Release, ReleaseDraft
from dryland.state.store import State
from dryland.state.work import scope_of
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Intent(ReleaseDraft):
    """A release to be, and how the views that readers see come to be what it says."""

    before: Mapping[str, Pointer]
    _: KW_ONLY
    again: frozenset[str] = frozenset()  # views to make again although nothing about them changed
    moves: Mapping[Relation, Relation] = field(default_factory=dict)  # taken over: name -> place in the store
    returns: Mapping[Relation, Relation] = field(default_factory=dict)  # handed back: name -> place in the store


def publish(engine: Engine, state: State, intent: Intent, *, store_schema: str) -> Release:
    """Make `intent` what readers see. Killed at any line, readers see all of it or none.

    When a connection is lost, what was committed nevertheless counts as done; else the same is done again.
    """
    environment = intent.environment
    before = _live(state, environment)
    return patiently(
        lambda: _published(engine, state, intent, store_schema),
        lambda: _published_since(before, engine, state, environment, store_schema),
    )


def _published(engine: Engine, state: State, intent: Intent, store_schema: str) -> Release:
    again = intent.again if is_shown(engine.published(), state, intent.environment) else frozenset(intent.after)
    release = state.begin_release(intent)
    swap = _swap(state, release, intent.after, intent.before, store=(engine.database, store_schema), again=again)
    try:
        publish_fenced(engine, state, _with_moves(swap, intent))
    except BaseException as error:
        is_settled = not isinstance(error, WarehouseLostError)  # the server may be about to commit it
        if is_settled and engine.published().get(intent.environment) != release.note:
            with suppress(FencedError):  # whoever took over has done so
                state.abandon_release(release.id)
        raise
    return state.complete_release(release.id)


def _published_since(
    before: int | None, engine: Engine, state: State, environment: str, store_schema: str
) -> Release | None:  # fmt: skip
    """The release that came to be shown after the one `before`, where a connection was lost; None when none did."""
    _recovered(engine, state, environment, store_schema)
    live = _live(state, environment)
    return state.release(live) if live is not None and live != before else None


def _live(state: State, environment: str) -> int | None:
    known = state.environment(environment)
    return known.live_release if known else None


def publish_fenced(engine: Engine, state: State, publication: Publication) -> None:
    """Publish it with the fence of the lease under which that is done.

    Raises:
        FencedError: another took over, because nothing was heard of this process.
    """
    _fenced(state, publication.environment, lambda fence: engine.publish(replace(publication, fence=fence)))


def settle(engine: Engine, state: State, environment: str) -> None:
    """Wait until the warehouse has ended what was begun of an environment: a connection that is lost does not tell."""
    _fenced(state, environment, lambda fence: engine.fence(environment, fence))


def _fenced(state: State, environment: str, work: Callable[[int], None]) -> None:
    """Do it with the fence of an environment.

    A warehouse that knows a larger one may know it from other metadata, or from these before they came back from a
    copy. If these say that nobody took over, it is done with a larger fence than that.
    """
    try:
        work(state.fence_of(environment))
    except FencedError as error:
        work(state.raise_fence(environment, error.noted))


def is_shown(notes: Mapping[str, str], state: State, environment: str) -> bool:
    """Whether the warehouse notes the live release; not when it, or the metadata, came back from a copy."""
    known = state.environment(environment)
    if known is None or known.live_release is None:
        return True
    live = state.release(known.live_release)
    return live is not None and notes.get(environment) == live.note


def recover(engine: Engine, state: State, *, store_schema: str) -> tuple[Release, ...]:
    """Finish or drop what a killed process left between its intent and its last word; return what was finished.

    What somebody alive is publishing now is left alone.
    """
    finished: list[Release] = []
    for environment in dict.fromkeys(release.environment for release in state.unfinished_releases()):
        with in_nobodys_hands(state, environment) as is_left:
            if is_left:
                finished += _recovered(engine, state, environment, store_schema)
    return tuple(finished)


@contextmanager
def in_nobodys_hands(state: State, environment: str) -> Iterator[bool]:
    """Whether nobody else is at work on an environment, nor will be meanwhile."""
    scope = scope_of(environment)
    if state.holds(scope):
        yield True
    elif state.take(scope, "recover") is not None:
        yield False
    else:
        try:
            yield True
        finally:
            state.let_go(scope)


def _recovered(engine: Engine, state: State, environment: str, store_schema: str) -> list[Release]:
    settle(engine, state, environment)  # first: from here on nobody else publishes
    seen = engine.published()
    finished = []
    for release in state.unfinished_releases():
        if release.environment != environment:
            continue
        if seen.get(release.environment) == release.note:
            after = state.pointers(release.id)
            before = state.pointers(release.parent) if release.parent is not None else {}
            store = (engine.database, store_schema)
            engine.complete(_swap(state, release, after, before, store=store, again=frozenset(after)))
            finished.append(state.complete_release(release.id))
        else:
            state.abandon_release(release.id)
    return finished


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
    ids |= {pointer.definition for node, pointer in before.items() if node not in after}  # another may take its name
    definitions = state.definitions(ids, saying=(COMMENTS, GRANTS))
    said = {uid: comments for uid, each in definitions.items() if (comments := comments_in(each))}
    granted = {uid: grants for uid, each in definitions.items() if (grants := grants_in(each))}
    return publication(
        release.environment, release.note, after, before, builds, store=store, said=said, granted=granted, again=again
    )  # fmt: skip


def _with_moves(swap: Publication, intent: Intent) -> Publication:
    views = {name: store for name, store in swap.views.items() if name not in intent.returns}
    comments = {name: said for name, said in swap.comments.items() if name in views}
    grants = {name: granted for name, granted in swap.grants.items() if name in views}
    revokes = {name: granted for name, granted in swap.revokes.items() if name in views}
    drops = tuple(name for name in swap.drops if name not in intent.returns)
    return replace(
        swap, views=views, drops=drops, comments=comments, grants=grants, revokes=revokes,
        moves=intent.moves, returns=intent.returns,
    )  # fmt: skip
