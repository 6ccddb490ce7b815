"""What is done beside the caller's work."""

from __future__ import annotations

import threading

import pytest

from dryland.beside import beside
from dryland.timings import watching


def test_both_are_done_at_once() -> None:
    ours, theirs = threading.Event(), threading.Event()

    def work() -> None:
        theirs.set()
        assert ours.wait(10)

    with beside(work, "work"):
        assert theirs.wait(10)
        ours.set()


def test_it_has_ended_when_the_caller_goes_on_even_with_an_error() -> None:
    begun, failed, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert failed.wait(10)
        ended.set()

    with pytest.raises(ValueError, match="ours"), beside(work, "work"):
        assert begun.wait(10)
        threading.Timer(0.05, failed.set).start()
        raise ValueError("ours")
    assert ended.is_set()


def test_who_watches_sees_its_time() -> None:
    with watching("apply") as spans, beside(lambda: None, "work"):
        pass
    assert [span.path for span in spans] == [("apply", "work"), ("apply",)]
