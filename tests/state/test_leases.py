"""One writer for each scope: whoever is alive keeps what he has, and whoever was away too long has nothing left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from remembering import draft, pointer, release

from dryland.errors import FencedError, HeldError, StateError
from dryland.state import processes
from dryland.state.heartbeat import Heartbeat
from dryland.state.records import Build, Versions
from dryland.state.store import State
from dryland.state.work import STORE

pytestmark = pytest.mark.slow  # it waits for leases to run out

PROD, DEV = "environment prod", "environment dev"


@pytest.fixture
def other(place) -> Iterator[State]:
    """The same store, opened by somebody else."""
    opened = place.open()
    yield opened
    opened.close()


def dies(state: State) -> None:
    """Let a writer's time be over, as if nothing had been heard of him."""
    with state.writing() as connection:
        connection.exec_driver_sql(f"update {table(state, 'writers')} set expires = 1 where token = '{state.token}'")


def table(state: State, name: str) -> str:
    with state.reading() as connection:
        schema = connection.get_execution_options().get("schema_translate_map", {}).get(None)
    return f'"{schema}".{name}' if schema else name


def test_a_lease_is_taken_by_one_and_by_the_next_when_it_is_given_back(state: State, other: State) -> None:
    assert state.take(PROD, "apply") is None
    holder = other.take(PROD, "run")
    assert holder is not None and (holder.verb, holder.token) == ("apply", state.token)
    assert holder.is_alive and holder.left_s > 50 and 0 <= holder.heard_s < 5
    assert other.take(DEV, "run") is None, "environments have nothing to do with each other"
    assert other.take(STORE, "gc") is None
    state.let_go(PROD)
    assert other.take(PROD, "run") is None
    assert [(each.scope, each.writer.token) for each in state.holdings()] == [
        (DEV, other.token), (PROD, other.token), (STORE, other.token),
    ]  # fmt: skip


def test_fences_only_grow_whoever_takes_and_whatever_is_forgotten(state: State, other: State) -> None:
    fences = []
    for number in range(4):
        one = (state, other)[number % 2]
        assert one.take(PROD, "apply") is None
        fences.append(one.fence_of("prod_refused"))
        one.let_go(PROD)
        one.forget_writers()
    assert state.take(DEV, "apply") is None
    fences.append(state.fence_of("dev"))
    assert fences == [1, 2, 3, 4, 5]
    assert state.fence_of("prod") == 0


def test_whoever_was_away_too_long_changes_nothing_any_more(state: State, other: State) -> None:
    first = release(state, "a")
    state.take(PROD, "apply")
    for key in "bc":
        state.put_build(Build(key, "n", key, "table", Versions("v"), ()))
    begun = state.begin_release(draft(pointer("model.0", "b")))
    dies(state)
    assert other.take(PROD, "run") is None
    for change in (
        lambda: state.begin_release(draft(pointer("model.0", "c"))),
        lambda: state.complete_release(begun.id),
        lambda: state.abandon_release(begun.id),
        lambda: state.drop_environment("prod"),
        lambda: state.raise_fence("prod", 100),
    ):
        with pytest.raises(FencedError, match=r"prod was taken over by .* nothing had been heard"):
            change()
    assert not state.renew()
    assert [each.status for each in other.releases("prod")] == ["publishing", "live"]
    other.abandon_release(begun.id)
    found = other.environment("prod")
    assert found is not None and found.live_release == first
    state.let_go(PROD)
    assert [each.writer.token for each in state.holdings()] == [other.token], "it gives back what was its own"


def test_whoever_was_away_and_missed_by_nobody_goes_on(state: State) -> None:
    state.take(PROD, "apply")
    dies(state)
    assert state.renew()
    release(state)
    assert [each.scope for each in state.holdings()] == [PROD]


def test_whoever_holds_nothing_changes_nothing_that_another_holds(state: State, other: State) -> None:
    release(state, "a")
    other.take(PROD, "apply")
    with pytest.raises(HeldError, match=r"prod is held by .*@.* \(pid \d+, apply\) since 20"):
        state.begin_release(draft(pointer("model.0", "b")))
    other.let_go(PROD)
    state.begin_release(draft(pointer("model.0", "b")))


def test_a_release_points_to_what_is_remembered_or_is_not_begun(state: State) -> None:
    state.take(PROD, "apply")
    state.put_build(Build("kept", "n", "r", "table", Versions("v"), ()))
    with pytest.raises(StateError, match="1 builds that this release of prod points to are forgotten"):
        state.begin_release(draft(pointer("model.0", "kept"), pointer("model.1", "collected")))
    assert state.releases("prod") == ()
    state.begin_release(draft(pointer("model.0", "kept")))


def test_whoever_is_gone_from_this_machine_need_not_be_waited_for(state: State, other: State, monkeypatch) -> None:
    state.take(PROD, "apply")
    assert other.take(PROD, "apply") is not None
    monkeypatch.setattr(processes, "_born", lambda _: "another time")
    assert other.take(PROD, "apply") is None
    assert other.pop_ended() and not other.pop_ended()
    assert not state.renew()


def test_of_a_process_on_another_machine_nothing_is_known() -> None:
    home, pid, born = processes.this_process().split(":")
    assert not processes.is_gone(f"{home}:{pid}:{born}")
    assert processes.is_gone(f"{home}:{pid}:{born}0")
    assert processes.is_gone(f"{home}:{2**22 + 1}:{born}")
    assert not processes.is_gone(f"elsewhere:{2**22 + 1}:{born}")


def test_whoever_waits_is_seen_and_forgotten_when_he_stops(state: State, other: State) -> None:
    state.take(PROD, "apply")
    other.wait_for(PROD, "run")
    assert [(each.verb, each.is_waiting) for each in state.writers()] == [("apply", False), ("run", True)]
    other.let_go(PROD)
    assert [each.verb for each in state.writers()] == ["apply"]


def test_many_take_at_once_and_one_has_it(place) -> None:
    stores = [place.open() for _ in range(6)]
    barrier, taken = threading.Barrier(len(stores)), []

    def take(store: State) -> None:
        barrier.wait()
        if store.take(PROD, "apply") is None:
            taken.append(store.token)

    threads = [threading.Thread(target=take, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.writer.token for each in stores[0].holdings()] == taken
    for store in stores:
        store.close()


def test_a_beating_heart_keeps_a_lease_and_notices_when_another_took_it(state: State, other: State) -> None:
    state.lease_s = 0.8
    state.take(PROD, "apply")
    with Heartbeat(state):
        time.sleep(1.6)
        assert other.take(PROD, "apply") is not None
        with other.writing() as connection:
            other.end(connection, [each for each in other.writers() if each.token == state.token])
        assert state.lost.wait(3)
    with pytest.raises(FencedError, match="prod was taken over"):
        state.verify_kept(PROD)
    assert "dryland heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_a_heart_goes_on_beating_when_the_store_is_back(state: State, monkeypatch) -> None:
    state.lease_s, beats, renew = 0.4, [], state.renew

    def broken() -> bool:
        beats.append(len(beats))
        if len(beats) < 4:
            raise StateError("out of reach")
        return renew()

    monkeypatch.setattr(state, "renew", broken)
    state.take(PROD, "apply")
    with Heartbeat(state):
        began = time.monotonic()
        while len(beats) < 6 and time.monotonic() - began < 10:
            time.sleep(0.02)
    assert len(beats) >= 6 and not state.lost.is_set()


def test_a_build_is_made_by_one_and_found_by_the_other(state: State, other: State) -> None:
    state.take(PROD, "apply")
    other.take(DEV, "apply")
    assert state.claim(["a", "b"]).mine == {"a", "b"}
    claimed = other.claim(["b", "c"])
    assert (claimed.mine, claimed.held["b"].token) == ({"c"}, state.token)
    build = Build("b", "n", "r", "table", Versions("v"), ())
    with state.writing():
        state.put_build(build)
        state.unclaim(["b"])
    assert other.claim(["b"]).made == {"b": build}
    assert state.claimed_keys() == {"a", "b", "c"}, "what was made is needed still"
    dies(state)
    assert other.claim(["a"]).mine == {"a"}
    assert not state.renew(), "whose claims were taken has lost everything"
    other.let_go(DEV)
    assert other.claimed_keys() == frozenset()


def test_what_could_not_be_made_is_left_to_the_other(state: State, other: State) -> None:
    state.take(PROD, "apply")
    other.take(DEV, "apply")
    state.claim(["a"])
    assert "a" in other.claim(["a"]).held
    state.unclaim(["a"])
    assert other.claim(["a"]).mine == {"a"}


def test_garbage_that_is_being_dropped_is_made_anew_afterwards(state: State, other: State) -> None:
    state.take(STORE, "gc")
    state.claim_garbage(["a"])
    other.take(PROD, "apply")
    assert "a" in other.claim(["a"]).held
    state.let_go(STORE)
    assert other.claim(["a"]).mine == {"a"}
