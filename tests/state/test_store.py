"""The store knows which release is live, what may be forgotten, and what must not."""

from __future__ import annotations

import itertools
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remembering import draft, pointer, release

from dryland.digest import digest
from dryland.state import tables
from dryland.state.records import Build, Definition, Profile, StepRecord, Verdict, Versions
from dryland.state.store import State

pytestmark = pytest.mark.medium


def count(state: State, table: str) -> int:
    with state.reading() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(tables.metadata.tables[table]))
        return found.scalar_one()


def live(state: State, environment: str = "prod") -> int | None:
    found = state.environment(environment)
    assert found is not None
    return found.live_release


def test_a_release_is_live_only_when_it_is_complete(state: State) -> None:
    first = release(state, "a", "b")
    begun = state.begin_release(draft(pointer("model.0", "c")))
    assert [each.id for each in state.unfinished_releases()] == [begun.id]
    assert live(state) == first
    state.complete_release(begun.id)
    assert {each.id: each.status for each in state.releases("prod")} == {first: "superseded", begun.id: "live"}
    assert {node: each.build_key for node, each in state.pointers(begun.id).items()} == {"model.0": "c"}
    abandoned = state.begin_release(draft())
    state.abandon_release(abandoned.id)
    assert state.unfinished_releases() == ()
    assert live(state) == begun.id


def test_releases_of_one_environment_do_not_touch_another(state: State) -> None:
    first, other = release(state, "a"), release(state, "b", environment="dev")
    second = release(state, "c")
    assert (live(state), live(state, "dev")) == (second, other)
    assert {each.id: each.status for each in state.releases()} == {first: "superseded", other: "live", second: "live"}
    assert [each.id for each in state.releases(limit=2)] == [second, other]
    state.drop_environment("dev")
    assert [each.id for each in state.releases()] == [second, first]
    assert state.pointers(other) == {}
    assert live(state) == second


def test_unfinished_releases_are_told_oldest_first(state: State) -> None:
    begun = [state.begin_release(draft()).id for _ in range(3)]
    assert [each.id for each in state.unfinished_releases()] == begun


def test_equal_pointers_and_definitions_are_kept_once(state: State) -> None:
    for _ in range(5):
        release(state, "a", "b")
    assert (count(state, "pointers"), count(state, "definitions")) == (2, 2)
    assert count(state, "release_pointers") == 10


def test_what_was_written_or_read_is_what_the_next_process_reads(place) -> None:
    """Pointers that this process knows are neither read nor named again; `gc` may forget them all the same."""
    with closing(place.open()) as state, closing(place.open()) as fresh:
        resting = {"9": replace(pointer("model.9", "z"), is_resting=True, stale_since="2026-01-01")}
        first = state.begin_release(replace(draft(pointer("model.0", "a"), pointer("model.1", "b")), resting=resting))
        shown = state.pointers(first.id)
        second = state.begin_release(replace(draft(*shown.values()), resting=state.resting(first.id)))
        for each in (second.id, first.id):
            assert (state.pointers(each), state.resting(each)) == (fresh.pointers(each), fresh.resting(each))
        with state.writing() as connection:
            connection.execute(tables.release_pointers.delete())
            connection.execute(tables.pointers.delete())
        third = state.begin_release(draft(*shown.values()))
        assert fresh.pointers(third.id) == shown


NUMBERS = itertools.count()
STATUSES = st.lists(st.sampled_from(["seen", "abandoned", "publishing"]), max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statuses=STATUSES, kept=st.integers(0, 3))
def test_the_newest_releases_that_readers_saw_are_kept(state: State, statuses: list[str], kept: int) -> None:
    """Attempts that nobody saw take nobody's place: ten failures in a row must not cost the way back."""
    environment, ids = f"environment {next(NUMBERS)}", []
    for status in statuses:
        begun = state.begin_release(draft(environment=environment))
        ids.append(begun.id)
        if status == "seen":
            state.complete_release(begun.id)
        if status == "abandoned":
            state.abandon_release(begun.id)
    by_status = [(number, status) for number, status in zip(ids, statuses, strict=True)]
    seen = [number for number, status in by_status if status == "seen"]
    gone = state.beyond_retention(environment, kept)
    assert [number for number in seen if number not in gone] == seen[-max(kept, 1) :]
    assert not [number for number, status in by_status if status == "publishing" and number in gone]
    assert all(number < seen[-1] for number in gone)
    state.delete_releases(gone)
    assert [each.id for each in state.releases(environment)] == [each for each in reversed(ids) if each not in gone]
    assert state.beyond_retention(environment, kept) == ()


def test_what_no_release_refers_to_goes_with_the_last_that_did(state: State) -> None:
    ids = [release(state, "a", "b"), release(state, "a", "c"), release(state, "a", "c")]
    state.delete_releases(ids[:1])
    assert (count(state, "pointers"), count(state, "release_pointers")) == (2, 4)
    assert state.pointers(ids[0]) == {}
    assert state.pointers(ids[1]).keys() == {"model.0", "model.1"}
    assert count(state, "definitions") == 2  # the builds differ, the code does not
    state.delete_releases(ids[1:])
    assert [count(state, table) for table in ("pointers", "release_pointers", "definitions")] == [0, 0, 0]


def test_a_build_that_any_kept_release_needs_is_not_garbage(state: State) -> None:
    state.put_build(Build("view", "model.v", "v", "view", Versions("v"), (), inputs=("middle",)))
    state.put_build(Build("middle", "model.m", "m", "view", Versions("v"), (), inputs=("under",)))
    state.put_build(Build("under", "model.u", "u", "table", Versions("v"), (), inputs=("made_from",)))
    ids = [release(state, key) for key in ("a", "b", "view")]
    other = release(state, "c", environment="dev")
    assert state.live_build_keys() == {"a", "b", "c", "view", "middle", "under"}
    assert state.beyond_retention("prod", 2) == (ids[0],)
    assert state.live_build_keys(without=[ids[0], other]) == {"b", "view", "middle", "under"}
    state.delete_releases([ids[0]])
    assert state.live_build_keys() == {"b", "c", "view", "middle", "under"}


def test_a_release_in_the_making_keeps_its_builds_and_an_abandoned_one_does_not(state: State) -> None:
    state.begin_release(draft(pointer("model.0", "making")))
    given_up = state.begin_release(draft(pointer("model.0", "given_up")))
    state.abandon_release(given_up.id)
    assert state.live_build_keys() == {"making"}


def test_a_forgotten_build_takes_its_profile_and_its_verdicts_along(state: State) -> None:
    for key in ("a", "b"):
        verdict = Verdict("test.x", "h", (key, "source"), "pass", 0)
        state.put_build(Build(key, "n", key, "table", Versions("v"), ()), Profile(1, key), [verdict])
    state.forget_builds(["a"])
    assert state.all_builds().keys() == state.profiles(["a", "b"]).keys() == {"b"}
    ids = {key: Verdict("test.x", "h", (key, "source"), "pass", 0).id for key in ("a", "b")}
    assert state.verdicts(ids.values()).keys() == {ids["b"]}
    state.forget_builds([])
    assert state.all_builds().keys() == {"b"}


def test_what_unit_tests_said_goes_with_the_releases_of_its_time(state: State) -> None:
    """The newest of each stays whatever its age: the code may be the same still."""
    for check, hashed, day in (("a", "1", 1), ("a", "2", 2), ("b", "3", 1), ("a", "4", 3)):
        state.put_verdicts([Verdict(check, hashed, (), "pass", 0, at=datetime(2026, 1, day, tzinfo=UTC))])
    state.put_verdicts([Verdict("c", "5", ("k",), "pass", 0, at=datetime(2026, 1, 1, tzinfo=UTC))])
    ids = {hashed: Verdict("", hashed, ("k",) if hashed == "5" else (), "pass", 0).id for hashed in "12345"}
    assert state.forget_old_verdicts() == 0, "nothing was released, so nothing is older"
    release(state, "k")
    later = Verdict("a", "6", (), "pass", 0, at=datetime.now(UTC) + timedelta(days=1))
    state.put_verdicts([later])
    assert state.forget_old_verdicts() == 3
    assert state.verdicts([*ids.values(), later.id]).keys() == {ids["3"], ids["5"], later.id}
    assert state.forget_old_verdicts() == 0


def test_runs_and_steps_are_told_newest_first(state: State) -> None:
    first, second = state.begin_run("apply", "prod", 1), state.begin_run("run", "prod", 2)
    state.put_steps([StepRecord(second.id, "model.a", "build", "done", second.started_at, 0.5, "", "k", 3)])
    state.finish_run(first.id, "done", {"built": 1})
    assert [(run.id, run.status) for run in state.runs()] == [(second.id, "running"), (first.id, "done")]
    assert [(step.node, step.rows) for step in state.steps(second.id)] == [("model.a", 3)]
    assert state.steps(first.id) == ()


def test_old_runs_are_forgotten_with_their_steps_and_running_ones_are_not(state: State) -> None:
    runs = [state.begin_run("apply", "prod", number) for number in range(5)]
    state.put_steps([StepRecord(run.id, "n", "build", "done", run.started_at, 0.5) for run in runs])
    for run in runs[1:]:
        state.finish_run(run.id, "done", {})
    assert state.forget_runs(2) == 2
    assert [run.id for run in state.runs()] == [runs[4].id, runs[3].id, runs[0].id]
    assert count(state, "run_steps") == 3
    assert state.forget_runs(2) == 0


def test_a_definition_is_named_by_its_content() -> None:
    one = Definition("model.a", "select 1", {"config": {"x": 1, "y": 2}})
    assert one.id == Definition("model.a", "select 1", json.loads('{"config": {"y": 2, "x": 1}}')).id
    assert one.id != Definition("model.a", "select 2", {"config": {"x": 1, "y": 2}}).id


TEXT = st.text(max_size=5)


@given(one=st.dictionaries(TEXT, TEXT, max_size=3), other=st.dictionaries(TEXT, TEXT, max_size=3), rows=TEXT)
def test_versions_see_every_column_and_their_order(one: dict[str, str], other: dict[str, str], rows: str) -> None:
    same = list(one.items()) == list(other.items())
    assert (Versions(rows, one).whole == Versions(rows, other).whole) is same
    assert all(Versions(rows, one).of(name) == (value or Versions(rows, one).whole) for name, value in one.items())
    assert Versions(rows, one).of("not there") == Versions(rows, one).whole


@given(parts=st.lists(TEXT, max_size=4))
def test_a_digest_does_not_run_parts_together(parts: list[str]) -> None:
    assert digest(parts) == digest(list(parts))
    assert digest(parts) != digest(["".join(parts)]) or parts == ["".join(parts)]


def test_what_was_built_and_checked_of_late_is_summed_by_node_and_check(state: State) -> None:
    now = datetime.fromisoformat("2026-03-01")

    def step(run: int, node: str, seconds: float, action: str = "build") -> StepRecord:
        return StepRecord(run, node, action, "done", now, seconds)

    first, second = (state.begin_run("apply", "prod", 1).id for _ in range(2))
    state.put_steps([step(first, "m.one", 1.5), step(first, "m.two", 2.0), step(first, "m.three", 9.0, "reuse")])
    state.put_steps([step(second, "m.one", 0.25)])
    assert {run: each.duration_s for run, each in state.steps_of("m.one", [first, second]).items()} == {
        first: 1.5, second: 0.25,
    }  # fmt: skip
    said = [(1, 0.5), (2, 0.25), (50, 7.0)]
    state.put_verdicts(
        [Verdict("t", f"h{days}", ("a",), "pass", 0, duration_s=s, at=now - timedelta(days=days)) for days, s in said]
    )
    since = now - timedelta(days=30)
    built = {node: (spent.times, spent.seconds) for node, spent in state.built_since(since).items()}
    assert built == {"m.one": (2, 1.75), "m.two": (1, 2.0)}
    assert {check: (spent.times, spent.seconds) for check, spent in state.checked_since(since).items()} == {
        "t": (2, 0.75)
    }
    assert state.built_since(datetime.fromisoformat("2999-01-01")) == {}
