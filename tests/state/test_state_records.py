"""Every record comes back from the store as it went in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from remembering import DAY

from dryland.state.records import Build, Definition, Pointer, Profile, ReleaseDraft, StepRecord, Verdict, Versions
from dryland.state.store import State

pytestmark = pytest.mark.medium

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
VERSIONS = st.builds(Versions, TEXT, st.dictionaries(TEXT, TEXT, max_size=3), TEXT)
MOMENT = st.datetimes()
CELLS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXT
JSON = st.dictionaries(TEXT, CELLS | st.lists(CELLS, max_size=2) | st.dictionaries(TEXT, CELLS, max_size=2), max_size=3)
BUILDS = st.builds(
    Build, TEXT, TEXT, TEXT, st.sampled_from(["table", "view"]), VERSIONS,
    st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple), st.lists(TEXT, max_size=3).map(tuple), st.none() | MOMENT,
    st.floats(0, 1e6), st.floats(0, 1e6), st.none() | st.integers(0, 2**31),
)  # fmt: skip
PROFILES = st.builds(
    Profile, st.integers(0, 2**60), TEXT, st.dictionaries(TEXT, st.dictionaries(TEXT, CELLS, max_size=2), max_size=2)
)
VERDICTS = st.builds(
    Verdict, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple), st.sampled_from(["pass", "warn", "fail", "error"]),
    st.integers(0, 2**40), TEXT, st.lists(st.dictionaries(TEXT, CELLS, max_size=2), max_size=2).map(tuple),
    st.floats(0, 1e6), st.none() | MOMENT,
)  # fmt: skip
DEFINITIONS = st.builds(Definition, TEXT, TEXT, JSON)
POINTERS = st.builds(Pointer, TEXT, TEXT, st.tuples(TEXT, TEXT, TEXT), VERSIONS, VERSIONS, TEXT, TEXT, TEXT)
STEPS = st.builds(
    StepRecord, st.just(0), TEXT, TEXT, TEXT, MOMENT, st.floats(0, 1e6), TEXT, TEXT, st.none() | st.integers(0, 2**60)
)
KINDS = ("sqlite", "postgres")
LIMITED = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module", params=KINDS)
def state(request: pytest.FixtureRequest, place_of) -> Iterator[State]:
    opened = place_of(request.param).open()
    yield opened
    opened.close()


@LIMITED
@given(build=BUILDS, profile=PROFILES, verdicts=st.lists(VERDICTS, max_size=3, unique_by=lambda each: each.id))
def test_a_build_comes_back_with_its_profile_and_verdicts(
    state: State, build: Build, profile: Profile, verdicts: list[Verdict]
) -> None:
    state.put_build(build, profile, verdicts)
    assert state.builds([build.key]) == {build.key: build}
    assert state.all_builds()[build.key] == build
    assert state.profiles([build.key]) == {build.key: profile}
    assert state.verdicts([verdict.id for verdict in verdicts]) == {verdict.id: verdict for verdict in verdicts}
    assert list(state.builds([build.key])[build.key].versions.columns) == list(build.versions.columns)


@LIMITED
@given(
    pointers=st.lists(POINTERS, max_size=3, unique_by=lambda each: each.node),
    definitions=st.lists(DEFINITIONS, max_size=3),
    words=st.tuples(TEXT, TEXT, TEXT),
    summary=JSON,
)
def test_a_release_comes_back_with_its_pointers_and_definitions(
    state: State, pointers: list[Pointer], definitions: list[Definition], words: tuple[str, str, str], summary: dict
) -> None:
    state.create_environment("prod", "")
    author, commit, message = words
    draft = ReleaseDraft(
        "prod", "run", {each.node: each for each in pointers}, definitions=definitions,
        parent=3, author=author, git_commit=commit, message=message, run_id=9, summary=summary,
    )  # fmt: skip
    begun = state.begin_release(draft)
    assert (begun.environment, begun.kind, begun.status, begun.parent) == ("prod", "run", "publishing", 3)
    assert (begun.author, begun.git_commit, begun.message, begun.run_id) == (author, commit, message, 9)
    assert begun.summary == summary
    assert abs((datetime.now(UTC).replace(tzinfo=None) - begun.created_at).total_seconds()) < 60
    assert state.release(begun.id) == begun
    assert state.pointers(begun.id) == {each.node: each for each in pointers}
    assert state.definitions([each.id for each in definitions]) == {each.id: each for each in definitions}
    assert state.complete_release(begun.id) == replace(begun, status="live")


def test_definitions_that_say_a_part_are_found_without_the_others(state: State) -> None:
    """A part that is null, or stands within another one only, is not said."""
    bodies = ({"comments": {"relation": "orders"}}, {"grants": {}}, {"comments": None}, {"other": {"grants": [1]}}, {})
    definitions = [Definition(f"model.shop.d{at}", "select 1", body) for at, body in enumerate(bodies)]
    state.create_environment("prod", "")
    state.begin_release(ReleaseDraft("prod", "apply", {}, definitions=definitions))
    found = state.definitions((each.id for each in definitions), saying=("comments", "grants"))
    assert found == {each.id: each for each in definitions[:2]}


@LIMITED
@given(steps=st.lists(STEPS, max_size=4), summary=JSON)
def test_a_run_comes_back_with_its_steps_in_order(state: State, steps: list[StepRecord], summary: dict) -> None:
    run = state.begin_run("apply", "prod", 4711)
    assert state.runs(limit=1) == (run,)
    mine = tuple(replace(step, run_id=run.id) for step in steps)
    state.put_steps(mine)
    state.finish_run(run.id, "refused", summary)
    (found,) = state.runs(limit=1)
    assert found.finished_at is not None and found.finished_at >= run.started_at
    assert replace(found, finished_at=None) == replace(run, status="refused", summary=summary)
    assert state.steps(run.id) == mine


def test_an_environment_comes_back_and_the_first_note_of_it_stands(state: State) -> None:
    first = state.create_environment("dev", "prod", purpose="refused")
    assert (first.name, first.live_release, first.base, first.purpose) == ("dev", None, "prod", "refused")
    assert first.created_at is not None
    assert state.environment("dev") == state.environments()["dev"] == first
    assert state.create_environment("dev", "else") == first
    assert state.environment("nobody") is None
    state.drop_environment("dev")
    assert state.environment("dev") is None


def test_what_is_put_again_replaces_what_was_there(state: State) -> None:
    build = Build("again", "model.a", "r", "table", Versions("1"), (), created_at=DAY)
    verdict = Verdict("test.a", "again", ("again",), "fail", 3, at=DAY)
    state.put_build(build, Profile(1, "a"), [verdict])
    state.put_build(replace(build, versions=Versions("2")), Profile(2, "b"), [replace(verdict, status="pass")])
    assert state.builds(["again"])["again"].versions == Versions("2")
    assert state.profiles(["again"])["again"] == Profile(2, "b")
    assert state.verdicts([verdict.id])[verdict.id].status == "pass"


def test_an_answer_from_the_cache_is_not_written_again(state: State) -> None:
    verdict = Verdict("test.a", "cached", ("k",), "fail", 3, at=DAY)
    state.put_verdicts([verdict])
    state.put_verdicts([replace(verdict, cached=True, check="test.renamed", at=None)])
    assert state.verdicts([verdict.id])[verdict.id] == verdict


def test_more_keys_than_a_statement_can_hold_are_found(state: State) -> None:
    keys = [f"many{number}" for number in range(1_300)]
    state.put_verdicts(Verdict("test", key, (), "pass", 0) for key in keys)
    ids = [Verdict("test", key, (), "pass", 0).id for key in keys]
    assert state.verdicts([*ids, "unknown"]).keys() == set(ids)
