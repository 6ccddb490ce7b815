"""Builds are claimed a few at a time, none that is not about to be made, and none where nobody else can be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dryland.build.claiming import WINDOW_MAX, Claiming
from dryland.build.task import NotYetError
from dryland.state.records import Build, Versions
from dryland.state.store import State, open_state

COUNT = 1_000


@pytest.fixture
def stores(tmp_path):
    opened = [open_state(tmp_path / "state.db") for _ in range(2)]
    for store, name in zip(opened, ("ana", "bo"), strict=True):
        store.take(f"environment {name}", "apply")
    yield opened
    for store in opened:
        store.close()


def job(state: State, *, is_shared: bool = True, reads: dict[str, set[str]] | None = None) -> Any:
    nodes = [f"n{number}" for number in range(COUNT)]
    steps = [SimpleNamespace(node=node, key=f"key of {node}", action="build") for node in nodes]
    inputs = {node: frozenset((reads or {}).get(node, ())) for node in nodes}
    targets = {node: SimpleNamespace(meaning=SimpleNamespace(inputs=inputs[node])) for node in nodes}
    return SimpleNamespace(
        engine=SimpleNamespace(is_shared=is_shared, evict=lambda _: None), state=state, pointers={},
        plan=SimpleNamespace(steps=steps, targets=targets), limits=SimpleNamespace(threads=4),
        expected_keys=frozenset(step.key for step in steps),
    )  # fmt: skip


def made(key: str) -> Build:
    return Build(key, "n", "r", "table", Versions("v"), ())


def test_a_thousand_small_builds_are_claimed_in_a_few_steps(stores, monkeypatch) -> None:
    state, asked = stores[0], []
    claim = state.claim
    monkeypatch.setattr(state, "claim", lambda keys: asked.append(len(keys)) or claim(keys))
    finished: dict[str, object] = {}
    claiming = Claiming.of(job(state), finished)
    claiming.begin()
    for number in range(COUNT):
        assert claiming.claim(f"n{number}", f"key of n{number}") is None
        finished[f"n{number}"] = object()
    assert sum(asked) == COUNT
    assert asked[0] == 4, "as many as there are threads, while nothing is known of how long they take"
    assert len(asked) <= 2 * COUNT / WINDOW_MAX + 10
    assert max(asked) <= WINDOW_MAX


def test_what_waits_for_another_node_is_not_claimed_yet(stores) -> None:
    reads = {f"n{number}": {"n0"} for number in range(1, COUNT)}
    claiming = Claiming.of(job(stores[0], reads=reads), {})
    claiming.claim("n0", "key of n0")
    others = stores[1].claim(["key of n1", "key of n2"])
    assert others.mine == {"key of n1", "key of n2"}


def test_what_another_makes_is_waited_for_and_then_found(stores) -> None:
    mine, other = (Claiming.of(job(state), {}) for state in stores)
    assert mine.claim("n0", "key of n0") is None
    with pytest.raises(NotYetError, match=r"\(pid \d+, apply\) since .* builds it for ana"):
        other.claim("n0", "key of n0")
    build = made("key of n0")
    with stores[0].writing():
        stores[0].put_build(build)
        stores[0].unclaim(mine.written([build]))
    assert other.claim("n0", "key of n0") == build


def test_what_cannot_be_made_or_was_not_needed_is_left_to_others(stores) -> None:
    mine, other = (Claiming.of(job(state), {}) for state in stores)
    mine.claim("n0", "key of n0")
    mine.give_up("key of n0")
    mine.settle("n1", "it came out as it was")  # it had been claimed together with n0
    assert other.claim("n0", "key of n0") is None
    assert other.claim("n1", "key of n1") is None
    mine.claim("n500", "key of n500")
    with pytest.raises(NotYetError):
        other.claim("n500", "key of n500")
    mine.end()
    assert other.claim("n500", "key of n500") is None


def test_where_nobody_else_can_be_nothing_is_claimed(stores) -> None:
    claiming = Claiming.of(job(stores[0], is_shared=False), {})
    claiming.begin()
    assert claiming.claim("n0", "key of n0") is None
    claiming.end()
    assert stores[0].claimed_keys() == frozenset()
