"""Whoever wants to be alone waits for the tasks that work, has others wait, and gives up before anybody minds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
    with sessions.of("long"), sessions.alone() as told:
        assert not told
    with sessions.of("writer"), sessions.writing(), sessions.no_writers() as is_quiet:
        assert not is_quiet
    with sessions.of("other"), sessions.writing():
        pass
    assert 2 * PATIENCE_S <= time.monotonic() - began < 2 * PATIENCE_S + 5


def test_nobody_is_held_up_for_what_has_taken_long_already(sessions: Sessions) -> None:
    with sessions.of("long"), sessions.writing():
        time.sleep(PATIENCE_S * 1.1)
        began = time.monotonic()
        with sessions.no_writers() as told, _on_another_thread(sessions.writing):
            assert not told
        assert time.monotonic() - began < PATIENCE_S


@contextmanager
def _on_another_thread(door: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """What somebody else goes through, and is out of at the end."""

    def through() -> None:
        with door():
            pass

    thread = threading.Thread(target=through, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.parametrize("name", ["alone", "no_writers"])
def test_of_two_who_want_the_same_one_gets_it(sessions: Sessions, name: str) -> None:
    closed = getattr(sessions, name)
    with closed() as first, closed() as second:
        assert (first, second) == (True, False)
    with closed() as again, pytest.raises(ZeroDivisionError), closed():
        raise ZeroDivisionError
    assert again
    with sessions.of("afterwards"), sessions.writing():
        pass


def test_readers_go_on_while_nobody_may_write(sessions: Sessions) -> None:
    done: list[str] = []

    def write() -> None:
        with sessions.of("writer"), sessions.writing():
            done.append("written")

    with sessions.no_writers() as is_quiet:
        assert (is_quiet, sessions.are_held_up) == (True, True)
        writer = threading.Thread(target=write)
        writer.start()
        with sessions.of("reader"):
            done.append("read")
        with sessions.alone() as is_alone:  # the writer rests at the door
            assert is_alone
            done.append("alone")
    writer.join()
    assert (done, sessions.are_held_up) == (["read", "alone", "written"], False)


def test_who_waits_to_write_is_not_at_work(sessions: Sessions) -> None:
    """Else a release of which much is written down would be taken for one of models that take long."""
    waiting = threading.Event()

    def write() -> None:
        with sessions.of("writer"):
            waiting.set()
            with sessions.writing():
                pass

    with sessions.no_writers():
        writer = threading.Thread(target=write)
        writer.start()
        waiting.wait()
        time.sleep(PATIENCE_S / 4)
        assert sessions.longest_s() == 0.0
    writer.join()


def test_whoever_began_to_read_before_the_last_was_written_is_waited_for(sessions: Sessions) -> None:
    """DuckDB keeps for them what was there when they began, and refuses to write all down."""
    reading, written, may_end = threading.Event(), threading.Event(), threading.Event()

    def read() -> None:
        with sessions.of("reader"):
            reading.set()
            may_end.wait()

    def write() -> None:
        with sessions.of("writer"), sessions.writing():
            pass
        written.set()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait()
    with sessions.no_writers() as is_quiet:  # nothing was written since it began
        assert is_quiet
    threading.Thread(target=write).start()
    written.wait()
    with sessions.no_writers() as is_quiet:
        assert not is_quiet
    may_end.set()
    reader.join()
    with sessions.no_writers() as is_quiet:
        assert is_quiet
