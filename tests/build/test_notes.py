"""What was seen of builds is written down many at a time, and nothing of it is lost while the process lives."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from dryland.build import notes as module
from dryland.build.notes import NOTES_MAX, Notes
from dryland.errors import StateError
from dryland.state.records import Build, Profile, Verdict, Versions
from dryland.state.store import State, open_state


@pytest.fixture
def state(tmp_path):
    opened = open_state(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
def transactions(state: State, monkeypatch) -> list[int]:
    """How many builds each transaction wrote."""
    written: list[int] = []
    put = state.put_builds

    def counted(builds, profiles, verdicts) -> None:
        listed = list(builds)
        written.append(len(listed))
        put(listed, profiles, verdicts)

    monkeypatch.setattr(state, "put_builds", counted)
    monkeypatch.setattr(module, "AGE_MAX_S", 1_000)
    return written


def build(key: str, kind: str = "table") -> Build:
    return Build(key, f"model.{key}", key, kind, Versions(key), ())


def verdict(key: str) -> Verdict:
    return Verdict(f"test.{key}", "hash", (key,), "pass", 0)


def test_a_thousand_builds_take_a_handful_of_transactions(state: State, transactions: list[int]) -> None:
    notes = Notes(state)
    for number in range(1_000):
        notes.note(build(str(number)), Profile(number, "c"), [verdict(str(number))])
    notes.write()
    assert len(transactions) <= 1_000 / NOTES_MAX + 1
    assert sum(transactions) == len(state.all_builds()) == 1_000
    assert state.profiles(["7"])["7"].rows == 7
    assert verdict("7").id in state.verdicts([verdict("7").id])


def test_old_notes_are_written_without_waiting_for_more(state: State, transactions: list[int], monkeypatch) -> None:
    monkeypatch.setattr(module, "AGE_MAX_S", 0)
    Notes(state).note(build("a"), Profile(1, "c"), [])
    assert transactions == [1]


def test_what_left_no_table_is_written_at_once(state: State, transactions: list[int]) -> None:
    """Nothing in the warehouse would tell the next run that its hooks have run."""
    Notes(state).note(build("a", "nothing"), Profile(0, "nothing"), [])
    assert set(state.all_builds()) == {"a"}


def test_what_could_not_be_written_is_written_later(state: State, monkeypatch) -> None:
    notes, put = Notes(state), state.put_builds

    def broken(*_: object) -> None:
        raise StateError("the disk is full.")

    monkeypatch.setattr(state, "put_builds", broken)
    notes.note(build("a"), Profile(1, "c"), [verdict("a")])
    with pytest.raises(StateError):
        notes.write()
    monkeypatch.setattr(state, "put_builds", put)
    notes.note(build("b"), Profile(2, "c"), [])
    notes.write()
    assert set(state.all_builds()) == {"a", "b"}
    assert verdict("a").id in state.verdicts([verdict("a").id])


def test_of_two_notes_on_one_build_the_last_stands(state: State) -> None:
    notes = Notes(state)
    notes.note(build("a"), Profile(1, "c"), [verdict("a")])
    notes.note(build("a"), Profile(2, "c"), [replace(verdict("a"), status="fail")])
    notes.write()
    assert state.profiles(["a"])["a"].rows == 2
    assert state.verdicts([verdict("a").id])[verdict("a").id].status == "fail"


def test_threads_lose_nothing_between_them(state: State) -> None:
    notes = Notes(state)

    def work(name: str) -> None:
        for number in range(300):
            notes.note(build(f"{name}{number}"), Profile(number, "c"), [verdict(f"{name}{number}")])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    notes.write()
    assert len(state.all_builds()) == 1_200
