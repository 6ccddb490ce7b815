"""Whoever wants to be alone waits for the tasks that work, has others wait, and gives up before anybody minds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dryland.build.sessions import PATIENCE_S, Sessions


class Warehouse:
    @contextmanager
    def session(self) -> Iterator[object]:
        yield object()


@pytest.fixture
def sessions() -> Sessions:
    warehouse: Any = Warehouse()
    return Sessions(warehouse)


def test_who_is_alone_waits_for_those_at_work_and_has_others_wait(sessions: Sessions) -> None:
    done: list[str] = []
    working, is_alone = threading.Event(), threading.Event()

    def first() -> None:
        with sessions.of("first"):
            working.set()
            time.sleep(PATIENCE_S / 4)
            done.append("first")

    def second() -> None:
        is_alone.wait()
        with sessions.of("second"):
            done.append("second")

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    working.wait()
    with sessions.alone() as told:
        is_alone.set()
        time.sleep(PATIENCE_S / 4)
        done.append("alone")
    for thread in threads:
        thread.join()
    assert (told, done) == (True, ["first", "alone", "second"])


def test_who_waits_for_long_work_gives_up_and_others_go_on(sessions: Sessions) -> None:
    began = time.monotonic()
    with sessions.of("long"):
        with sessions.alone() as told:
            assert not told
        with sessions.of("other"):
            pass
    assert PATIENCE_S <= time.monotonic() - began < PATIENCE_S + 5


def test_nobody_is_held_up_for_what_has_taken_long_already(sessions: Sessions) -> None:
    with sessions.of("long"):
        time.sleep(PATIENCE_S * 1.1)
        began = time.monotonic()
        with sessions.alone() as told, sessions.of("other"):
            assert not told
        assert time.monotonic() - began < PATIENCE_S


def test_of_two_who_want_to_be_alone_one_is(sessions: Sessions) -> None:
    with sessions.alone() as first, sessions.alone() as second:
        assert (first, second) == (True, False)
    with sessions.alone() as again, pytest.raises(ZeroDivisionError), sessions.alone():
        raise ZeroDivisionError
    assert again
    with sessions.of("afterwards"):
        pass
