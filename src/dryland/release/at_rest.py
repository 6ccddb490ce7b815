"""Keeps the last rows of what grows from build to build and left the project: it goes on from them if it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dryland.plan.recorded import grew
from dryland.state.records import Pointer
from dryland.state.store import State


def at_rest(
    state: State, live: int | None, after: Mapping[str, Pointer], before: Mapping[str, Pointer]
) -> dict[str, Pointer]:
    """What the next release remembers without showing it, by node: what rests since before, and what leaves with it.

    `live` is the release before; what comes back rests no longer.
    """
    left = {node: pointer for node, pointer in before.items() if node not in after}
    definitions = state.definitions({pointer.definition for pointer in left.values()})
    grown = {
        node: replace(pointer, is_resting=True)
        for node, pointer in left.items()
        if pointer.definition in definitions and grew(definitions[pointer.definition])
    }
    known = resting_in(state, live)
    return {node: pointer for node, pointer in {**known, **grown}.items() if node not in after}


def resting_in(state: State, release: int | None) -> dict[str, Pointer]:
    """What a release remembers without showing it."""
    return state.resting(release) if release is not None else {}
