"""Several processes share a store, and a killed one leaves whole records behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dryland.state.records import Build, Versions
from dryland.state.store import State

pytestmark = pytest.mark.slow  # processes share a store

BEGINNING = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from remembering import release
from dryland.state.dump import dump
from dryland.state.records import Build, Versions
from dryland.state.store import open_state
url, schema, mine = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
state = open_state(url, schema)
"""
POINTERS = 40


def started(script: str, place, mine: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", BEGINNING + script, place.url, place.schema, mine],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "ready\n", process.stderr
    return process


def let_go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def test_processes_open_a_new_store_and_write_at_once(place) -> None:
    """Nothing is lost, no release is live twice, and none waits in vain."""
    script = """
for number in range(10):
    state.put_build(Build(f"{mine}-{number}", "n", "r", "table", Versions("v"), ()))
    release(state, f"{mine}-{number}")
"""
    processes = [started(script, place, mine) for mine in ("a", "b", "c")]
    let_go(*processes)
    problems = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], problems
    state = place.open()
    releases = state.releases("prod", limit=1000)
    assert len(state.all_builds()) == len(releases) == 30
    environment = state.environment("prod")
    assert environment is not None
    assert [each.id for each in releases if each.status == "live"] == [environment.live_release]
    assert {key for each in releases for key in _keys(state, each.id)} == state.all_builds().keys()
    state.close()


def _keys(state: State, release: int) -> list[str]:
    return [pointer.build_key for pointer in state.pointers(release).values()]


def test_threads_write_at_once(state: State) -> None:
    def work(number: int) -> None:
        for each in range(20):
            state.put_build(Build(f"{number}-{each}", "n", "r", "table", Versions("v"), ()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.all_builds()) == 80


def test_a_reader_does_not_wait_for_a_writer_and_sees_nothing_of_it(state: State, place) -> None:
    other = place.open()
    with state.writing():
        state.create_environment("half", "")
        began = time.monotonic()
        assert other.environments() == {}
        assert time.monotonic() - began < 1
    assert other.environments().keys() == {"half"}
    other.close()


def test_a_writer_that_raises_leaves_nothing(state: State) -> None:
    with pytest.raises(ZeroDivisionError), state.writing():
        state.create_environment("half", "")
        raise ZeroDivisionError
    assert state.environments() == {}


@pytest.mark.parametrize(
    "delay_s", [0.05, pytest.param(0.08, marks=pytest.mark.slow), pytest.param(0.13, marks=pytest.mark.slow)]
)
def test_a_killed_writer_leaves_the_old_or_the_new(place, delay_s: float) -> None:
    """However far it came: releases have all their pointers, and at most one is live."""
    process = started(f"while True:\n    release(state, *[f'k{{n}}' for n in range({POINTERS})])", place, "a")
    place.open().close()
    let_go(process)
    while not _has_releases(place):
        time.sleep(0.005)
    time.sleep(delay_s)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    state = place.open()
    releases = state.releases("prod", limit=100_000)
    assert releases
    assert {len(state.pointers(each.id)) for each in releases} == {POINTERS}
    environment = state.environment("prod")
    assert environment is not None
    assert [each.id for each in releases if each.status == "live"] == (
        [] if environment.live_release is None else [environment.live_release]
    )
    unfinished = {each.id for each in state.unfinished_releases()}
    assert unfinished <= {releases[0].id}
    state.create_environment("after", "")
    assert "after" in state.environments()
    state.close()


def _has_releases(place) -> bool:
    state = place.open()
    try:
        return bool(state.releases(limit=1))
    finally:
        state.close()
