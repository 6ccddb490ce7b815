"""Knows what we hold of somebody else's, and hands it back: after a refusal, on a rollback, when we leave."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager

from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.release.at_rest import resting_in
from dryland.release.publish import Intent, publish, recover
from dryland.state.records import Pointer, Release
from dryland.state.store import State
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else's table or view: it lies in the store while readers see a view of ours under its name."""

    pointer: Pointer
    place: Relation


def held(state: State, environment: str, store_schema: str, *, until: int | None = None) -> dict[Relation, Held]:
    """What adoptions took over and no release has handed back, by name; `until` a release, or by now."""
    found: dict[Relation, Held] = {}
    for release in _shown(state, environment, until):
        found.update(_taken_by(state, release, store_schema))
        for name in _names(release.summary.get("returned")):
            found.pop(name, None)
    return found


def _shown(state: State, environment: str, until: int | None) -> Iterator[Release]:
    """The releases that readers saw, the oldest first."""
    for release in reversed(state.releases(environment, limit=1_000_000)):
        if release.status in ("live", "superseded") and (until is None or release.id <= until):
            yield release


def _taken_by(state: State, release: Release, store_schema: str) -> Iterator[tuple[Relation, Held]]:
    nodes = release.summary.get("taken_over")
    if not isinstance(nodes, list):
        return
    pointers = state.pointers(release.id)
    builds = state.builds({pointers[node].build_key for node in nodes})
    for node in nodes:
        name = Relation(*pointers[node].published)
        place = Relation(name.database, store_schema, builds[pointers[node].build_key].relation)
        yield name, Held(pointers[node], place)


def _names(written: object) -> Iterator[Relation]:
    if isinstance(written, list):
        yield from (Relation(*name) for name in written)


def returned(held: Mapping[Relation, Held]) -> dict[str, object]:
    """What a release writes down of what it hands back."""
    return {"returned": [[name.database, name.schema, name.name] for name in sorted(held)]}


def below_adoptions(state: State, release: Release | None) -> Release | None:
    """The release that an adoption was made on; any other release is its own."""
    while release is not None and release.kind == "adopt":
        release = state.release(release.parent) if release.parent is not None else None
    return release


def to_hand_back(state: State, wanted: Release, store_schema: str) -> dict[Relation, Held]:
    """What we hold now and others had while `wanted` was shown, in the state in which it was taken over last.

    An adoption is shown as what stood before it: what it took over was its makers'.
    """
    pointers = state.pointers(wanted.id)
    theirs = _nodes_of_others(state, wanted, pointers, store_schema)
    ours = {Relation(*pointer.published) for node, pointer in pointers.items() if node not in theirs}
    taken = _taken_since(state, wanted, store_schema)
    return {name: each for name, each in taken.items() if name not in ours}


def pointers_again(
    state: State, wanted: Release, live: Release, handed_back: Iterable[Held], store_schema: str
) -> dict[str, Pointer]:
    """Where an environment points that shows `wanted` again: of what is others', to the latest that we know of it."""
    pointers, current = state.pointers(wanted.id), state.pointers(live.id)
    known = {node: current[node] for node in _nodes_of_others(state, live, current, store_schema)}
    known |= {each.pointer.node: each.pointer for each in handed_back}
    others = _nodes_of_others(state, wanted, pointers, store_schema) if known else set()
    return pointers | {node: known[node] for node in others & known.keys()}


def _nodes_of_others(
    state: State, release: Release, pointers: Mapping[str, Pointer], store_schema: str
) -> set[str]:  # fmt: skip
    """Nodes under whose names stands what somebody else made, or our view of just that; `pointers` are its own."""
    adopted = state.adopted({pointer.definition for pointer in pointers.values()})
    left = _left_to_others(state, release, store_schema)
    return {
        node
        for node, pointer in pointers.items()
        if pointer.definition in adopted or Relation(*pointer.published) in left
    }


def _left_to_others(state: State, until: Release, store_schema: str) -> set[Relation]:
    """Names that a release handed back and none has published since: they point to what was there before."""
    left: dict[Relation, Pointer | None] = {}
    for release in _shown(state, until.environment, until.id):
        for name, _ in _taken_by(state, release, store_schema):
            left.pop(name, None)
        names = set(_names(release.summary.get("returned")))
        if names:
            left |= dict.fromkeys(names) | _by_name(state, release, names)
    now = _by_name(state, until, left) if left else {}
    return {name for name, pointer in left.items() if now.get(name) == pointer}


def _by_name(state: State, release: Release, names: Container[Relation]) -> dict[Relation, Pointer]:
    pointers = ((Relation(*pointer.published), pointer) for pointer in state.pointers(release.id).values())
    return {name: pointer for name, pointer in pointers if name in names}


def _taken_since(state: State, release: Release, store_schema: str) -> dict[Relation, Held]:
    ground = below_adoptions(state, release)
    then = held(state, release.environment, store_schema, until=ground.id if ground else 0)
    now = held(state, release.environment, store_schema)
    return {name: each for name, each in now.items() if then.get(name) != each}


@contextmanager
def handed_back_unless_published(engine: Engine, state: State, environment: str, store_schema: str) -> Iterator[None]:
    """Whatever stops the release that an adoption was for, the others' objects are theirs again.

    Also those of an adoption whose process was killed before its release: it is live, with nothing on top of it.
    """
    try:
        yield
    finally:
        # what the warehouse shows is what was published, whatever we had time to write down
        recover(engine, state, store_schema=store_schema)
        known = state.environment(environment)
        live = state.release(known.live_release) if known and known.live_release is not None else None
        if live is not None and live.kind == "adopt":
            _hand_back(engine, state, live, store_schema)


def _hand_back(engine: Engine, state: State, adopted: Release, store_schema: str) -> None:
    """Undo an adoption: the environment points where it did before, and what was taken over is what it was."""
    ground = below_adoptions(state, adopted)
    taken = _taken_since(state, adopted, store_schema)
    intent = Intent(
        adopted.environment,
        "rollback",
        state.pointers(ground.id) if ground else {},
        state.pointers(adopted.id),
        parent=adopted.id,
        resting=resting_in(state, ground.id if ground else None),
        message=f"handed back what release {adopted.id} took over",
        summary={"handed_back": adopted.id, **returned(taken)},
        returns={name: each.place for name, each in taken.items()},
    )
    publish(engine, state, intent, store_schema=store_schema)
