"""What is remembered comes back as it was, survives a killed process, and moves to another store whole."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.dump import dump, load
from dryland.state.records import Build, Definition, Pointer, Profile, StepRecord, Verdict, Versions
from dryland.state.store import State, open_state

TEXT = st.text(max_size=20)
VERSIONS = st.builds(Versions, TEXT, st.dictionaries(TEXT, TEXT, max_size=3), TEXT)
MOMENT = st.datetimes()
BUILDS = st.builds(
    Build, TEXT, TEXT, TEXT, st.sampled_from(["table", "view"]), VERSIONS,
    st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple), st.lists(TEXT, max_size=3).map(tuple), MOMENT,
    st.floats(0, 1e6), st.none(),
)  # fmt: skip
CELLS = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), TEXT)
PROFILES = st.builds(
    Profile, st.integers(0, 2**60), TEXT, st.dictionaries(TEXT, st.dictionaries(TEXT, CELLS, max_size=2), max_size=2)
)
VERDICTS = st.builds(
    Verdict, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple), st.sampled_from(["pass", "warn", "fail", "error"]),
    st.integers(0, 2**40), TEXT, st.lists(st.dictionaries(TEXT, CELLS, max_size=2), max_size=2).map(tuple), at=MOMENT,
)  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = open_state(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    opened = open_state(tmp_path_factory.mktemp("state") / "state.db")
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None)
@given(build=BUILDS, profile=PROFILES, verdicts=st.lists(VERDICTS, max_size=3))
def test_builds_profiles_and_verdicts_come_back_as_they_were(
    shared: State, build: Build, profile: Profile, verdicts: list[Verdict]
) -> None:
    shared.put_build(build, profile, verdicts)
    assert shared.builds([build.key])[build.key] == build
    assert shared.profiles([build.key])[build.key] == profile
    found = shared.verdicts([verdict.id for verdict in verdicts])
    assert found.keys() == {verdict.id for verdict in verdicts}
    for verdict in verdicts:
        assert found[verdict.id].status in ("pass", "warn", "fail", "error")


def pointer(node: str, key: str) -> Pointer:
    return Pointer(node, key, ("db", "main", node), Versions("c"), Versions("d"), Definition(node, "select 1", {}).id)


def release(state: State, *keys: str, environment: str = "prod") -> int:
    if state.environment(environment) is None:
        state.create_environment(environment, "")
    pointers = [pointer(f"model.{number}", key) for number, key in enumerate(keys)]
    definitions = [Definition(each.node, "select 1", {}) for each in pointers]
    begun = state.begin_release(environment, "apply", pointers, definitions, message="m")
    state.complete_release(begun.id)
    return begun.id


def test_a_release_is_live_only_when_it_is_complete(state: State) -> None:
    first = release(state, "a", "b")
    begun = state.begin_release("prod", "apply", [pointer("model.0", "c")], [])
    assert [each.id for each in state.unfinished_releases()] == [begun.id]
    live = state.environment("prod")
    assert live is not None and live.live_release == first
    state.complete_release(begun.id)
    assert {each.id: each.status for each in state.releases("prod")} == {first: "superseded", begun.id: "live"}
    assert {node: each.build_key for node, each in state.pointers(begun.id).items()} == {"model.0": "c"}
    abandoned = state.begin_release("prod", "apply", [], [])
    state.abandon_release(abandoned.id)
    assert state.unfinished_releases() == ()
    live = state.environment("prod")
    assert live is not None and live.live_release == begun.id


def test_equal_pointers_are_kept_once(state: State, tmp_path: Path) -> None:
    for _ in range(5):
        release(state, "a", "b")
    with sqlite3.connect(tmp_path / "state.db") as connection:
        assert connection.execute("select count(*) from pointers").fetchone() == (2,)
    connection.close()


def test_a_build_that_any_kept_release_needs_is_not_garbage(state: State) -> None:
    state.put_build(Build("view", "model.v", "v", "view", Versions("v"), (), inputs=("under",)))
    ids = [release(state, key) for key in ("a", "b", "view")]
    assert state.live_build_keys() == {"a", "b", "view", "under"}
    assert state.beyond_retention("prod", 2) == (ids[0],)
    state.delete_releases([ids[0]])
    assert state.live_build_keys() == {"b", "view", "under"}


def test_runs_and_steps_are_told_newest_first(state: State) -> None:
    first, second = state.begin_run("apply", "prod", 1), state.begin_run("run", "prod", 2)
    state.put_steps([StepRecord(second.id, "model.a", "build", "done", second.started_at, 0.5, "", "k", 3)])
    state.finish_run(first.id, "done", {"built": 1})
    assert [(run.id, run.status) for run in state.runs()] == [(second.id, "running"), (first.id, "done")]
    assert [(step.node, step.rows) for step in state.steps(second.id)] == [("model.a", 3)]


def test_a_dump_loads_into_an_empty_store_and_only_there(state: State, tmp_path: Path) -> None:
    state.put_build(
        Build("k", "model.a", "a__k", "table", Versions("r", {"x": "1"}), (("x", "INTEGER"),)), Profile(3, "h")
    )
    number = release(state, "k")
    rows = dump(state, tmp_path / "dump.jsonl")
    assert rows == len((tmp_path / "dump.jsonl").read_text().splitlines()) - 1
    other = open_state(tmp_path / "other.db")
    assert load(other, tmp_path / "dump.jsonl") == rows
    assert other.builds(["k"]) == state.builds(["k"])
    assert other.pointers(number) == state.pointers(number)
    with pytest.raises(StateError, match="is not empty"):
        load(other, tmp_path / "dump.jsonl")
    dump(other, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_text() == (tmp_path / "dump.jsonl").read_text()
    other.close()


def test_a_file_that_is_no_dump_is_refused_and_nothing_is_loaded(state: State, tmp_path: Path) -> None:
    for text in ("", "hello\n", '{"dryland_state": 999}\n'):
        (tmp_path / "bad").write_text(text)
        with pytest.raises(StateError):
            load(state, tmp_path / "bad")
    assert state.environments() == {}


def test_a_store_of_a_newer_dryland_is_left_alone(tmp_path: Path) -> None:
    open_state(tmp_path / "state.db").close()
    connection = sqlite3.connect(tmp_path / "state.db")
    connection.execute(f"update {tables.meta.name} set version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="has version 99") as raised:
        open_state(tmp_path / "state.db")
    assert "newer" in raised.value.hint


def test_a_damaged_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StateError, match="could not be used") as raised:
        open_state(tmp_path / "state.db")
    assert "dryland state dump" in raised.value.hint


def test_several_threads_write_at_once(state: State) -> None:
    def work(number: int) -> None:
        for each in range(20):
            state.put_build(Build(f"{number}-{each}", "n", "r", "table", Versions("v"), ()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.all_builds()) == 80


@pytest.mark.parametrize("delay_s", [0.0, 0.005, 0.02, 0.05])
def test_a_killed_writer_leaves_whole_releases(tmp_path: Path, delay_s: float) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_store import release
from dryland.state.store import open_state
state = open_state(Path({str(tmp_path / "state.db")!r}))
print("open", flush=True)
while True:
    release(state, *[f"k{{n}}" for n in range(50)])
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "open\n"
    time.sleep(0.2 + delay_s)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    state = open_state(tmp_path / "state.db")
    releases = state.releases("prod", limit=100_000)
    assert releases
    assert all(len(state.pointers(each.id)) == 50 for each in releases[:5])
    assert sum(each.status == "live" for each in releases) <= 1
    environment = state.environment("prod")
    assert environment is not None
    if environment.live_release is not None:
        assert next(each.status for each in releases if each.id == environment.live_release) == "live"
    state.close()


def test_a_definition_is_named_by_its_content() -> None:
    one = Definition("model.a", "select 1", {"config": {"x": 1, "y": 2}})
    assert one.id == Definition("model.a", "select 1", json.loads('{"config": {"y": 2, "x": 1}}')).id
    assert one.id != Definition("model.a", "select 2", {"config": {"x": 1, "y": 2}}).id
