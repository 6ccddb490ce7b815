"""The runner does each task once, after what it needs, and comes to rest whatever happens."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryland.build.progress import Event, Silence
from dryland.build.runner import run_graph
from dryland.build.task import Ended, Limits, Task
from dryland.errors import InterruptedRunError, QueryError, StepTimeoutError


def nothing() -> None:
    """Cancel nothing."""


def task(name: str, work=lambda: Ended("done"), needs: tuple[str, ...] = (), cancel=nothing) -> Task:
    return Task(name, work, frozenset(needs), cancel=cancel)


def run(*tasks: Task, limits: Limits = Limits(), cancel=nothing, progress=None):  # noqa: B008
    return run_graph({each.name: each for each in tasks}, limits, progress or Silence(), cancel=cancel)


@given(st.lists(st.sets(st.integers(0, 12), max_size=4), min_size=1, max_size=13), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_every_task_runs_once_and_after_what_it_needs(shape: list[set[int]], threads: int) -> None:
    order: list[int] = []
    lock = threading.Lock()

    def work(number: int):
        def go() -> Ended:
            with lock:
                order.append(number)
            return Ended("done")

        return go

    needs = {number: {str(n) for n in wanted if n < number} for number, wanted in enumerate(shape)}
    ended = run(*[task(str(n), work(n), tuple(needs[n])) for n in needs], limits=Limits(threads=threads))
    assert sorted(order) == sorted(needs)
    assert all(order.index(int(need)) < order.index(number) for number in needs for need in needs[number])
    assert {each.status for each in ended.values()} == {"done"}


def test_what_needs_a_failed_task_is_blocked_and_names_the_culprit() -> None:
    def fail() -> Ended:
        raise QueryError("no such column")

    ended = run(task("a", fail), task("b", needs=("a",)), task("c", needs=("b",)), task("d"))
    assert [ended[name].status for name in "abcd"] == ["failed", "blocked", "blocked", "done"]
    assert ended["c"].culprits == ("a",)
    assert ended["a"].error is not None


def test_a_transient_failure_is_tried_again() -> None:
    attempts = []

    def conflict() -> Ended:
        attempts.append(1)
        if len(attempts) < 3:
            raise QueryError("write-write conflict", transient=True)
        return Ended("done")

    assert run(task("a", conflict))["a"].status == "done"
    assert len(attempts) == 3


def test_a_lasting_failure_is_not_tried_again() -> None:
    attempts = []

    def wrong() -> Ended:
        attempts.append(1)
        raise QueryError("syntax error")

    run(task("a", wrong))
    assert len(attempts) == 1


def test_pauses_between_attempts_grow(monkeypatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("dryland.build.runner.time.sleep", pauses.append)
    monkeypatch.setattr("dryland.build.runner.random.random", lambda: 0.5)

    def conflict() -> Ended:
        raise QueryError("write-write conflict", transient=True)

    ended = run(task("a", conflict), limits=Limits(retries=3))
    assert ended["a"].status == "failed"
    assert pauses == [0.1, 0.2, 0.4]


def test_a_task_over_its_time_is_cancelled_and_says_so() -> None:
    cancelled = threading.Event()

    def slow() -> Ended:
        assert cancelled.wait(20)
        raise QueryError("interrupted", transient=True)

    ended = run(task("a", slow, cancel=cancelled.set), limits=Limits(timeout_s=0.2))
    assert isinstance(ended["a"].error, StepTimeoutError)
    assert "longer than the 0.2 s" in ended["a"].message


def test_a_task_within_its_time_goes_on_beside_one_that_is_over_it() -> None:
    """Its work of an hour is not thrown away because somebody else's took too long."""
    stopped, disturbed = threading.Event(), threading.Event()

    def endless() -> Ended:
        assert stopped.wait(20)
        raise QueryError("interrupted")

    def patient() -> Ended:
        assert stopped.wait(20)
        time.sleep(0.1)
        return Ended("done")

    ended = run(
        task("endless", endless, cancel=stopped.set),
        task("before", lambda: time.sleep(0.25) or Ended("done")),
        task("patient", patient, needs=("before",), cancel=disturbed.set),
        limits=Limits(timeout_s=0.4, retries=0),
        cancel=disturbed.set,
    )
    assert [ended[name].status for name in ("endless", "patient")] == ["failed", "done"]
    assert not disturbed.is_set()


def test_an_error_of_its_own_is_not_called_a_time_out() -> None:
    def wrong() -> Ended:
        raise QueryError("no such column")

    ended = run(task("a", wrong), limits=Limits(timeout_s=0.0001))
    assert ended["a"].message == "no such column"


def test_as_many_run_at_once_as_there_are_threads() -> None:
    meeting = threading.Barrier(3, timeout=20)

    def meet() -> Ended:
        meeting.wait()
        return Ended("done")

    ended = run(*[task(name, meet) for name in "abc"], limits=Limits(threads=3))
    assert {each.status for each in ended.values()} == {"done"}


def test_ctrl_c_cancels_what_runs_and_starts_nothing_new() -> None:
    cancelled = threading.Event()
    started = []

    def slow() -> Ended:
        started.append("slow")
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        assert cancelled.wait(20)
        raise QueryError("interrupted")

    def never() -> Ended:
        started.append("never")
        return Ended("done")

    with pytest.raises(InterruptedRunError, match="nothing was published"):
        run(task("a", slow), task("b", never, needs=("a",)), cancel=cancelled.set)
    time.sleep(0.1)
    assert started == ["slow"]


def test_ctrl_c_again_does_not_leave_anything_running() -> None:
    """What cannot be cancelled is waited for, and named; pressing again does not tear the run apart."""
    said: list[str] = []
    rested = threading.Event()

    class Watch:
        def on(self, event: Event) -> None:
            said.append(event.message)

    def stubborn() -> Ended:
        for pause in (0.1, 0.4):
            threading.Timer(pause, os.kill, (os.getpid(), signal.SIGINT)).start()
        time.sleep(0.8)
        rested.set()
        return Ended("done")

    with pytest.raises(InterruptedRunError):
        run(task("stubborn", stubborn), progress=Watch())
    assert rested.is_set()
    assert "waiting for stubborn to come to rest" in said


def test_progress_counts_up_to_the_total() -> None:
    seen: list[Event] = []

    class Watch:
        def on(self, event: Event) -> None:
            seen.append(event)

    run(task("a"), task("b", needs=("a",)), progress=Watch())
    assert [event.done for event in seen if event.kind == "step_finished"] == [1, 2]
    assert seen[0].kind == "start" and seen[0].total == 2
    assert seen[-1].kind == "end" and seen[-1].done == 2


def test_what_comes_up_aside_is_done_while_others_go_on_and_before_the_end() -> None:
    done: list[str] = []
    asked: list[bool] = []
    aside_done = threading.Event()

    def note(name: str, then=nothing):
        def work() -> Ended:
            done.append(name)
            then()
            return Ended("done")

        return work

    def aside(is_end: bool) -> list[Task]:
        asked.append(is_end)
        if len(asked) == 1:
            return [Task("beside", note("beside", aside_done.set), counts=False)]
        return [Task("last", note("last"), counts=False)] if is_end and "last" not in done else []

    graph = {"waits": task("waits", note("waits", lambda: aside_done.wait(5)))}
    ended = run_graph(graph, Limits(threads=1), Silence(), cancel=nothing, aside=aside)
    assert set(done[:2]) == {"waits", "beside"} and done[2:] == ["last"]
    assert aside_done.is_set()
    assert ended.keys() == {"waits"}
    assert asked[-1] and not asked[0]


def test_what_is_done_again_aside_says_how_its_task_ended() -> None:
    """With retries and time-outs as any other."""
    attempts: list[int] = []

    def fail() -> Ended:
        attempts.append(1)
        raise QueryError("Transaction conflict: try again", transient=True)

    left = [Task("a", fail, counts=False)]

    def aside(is_end: bool) -> list[Task]:
        return [left.pop()] if is_end and left else []

    ended = run_graph({"a": task("a"), "b": task("b", needs=("a",))}, Limits(), Silence(), cancel=nothing, aside=aside)
    assert (ended["a"].status, ended["b"].status) == ("failed", "done")
    assert len(attempts) == 1 + Limits().retries


def test_ctrl_c_ends_what_is_done_aside() -> None:
    stopped = threading.Event()

    def endless() -> Ended:
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        stopped.wait(5)
        return Ended("done")

    tasks = [Task("aside", endless, counts=False)] + [Task(f"never {at}", endless, counts=False) for at in range(5)]

    def aside(_: bool) -> list[Task]:
        due, tasks[:] = [*tasks], []
        return due

    with pytest.raises(InterruptedRunError):
        run_graph({"a": task("a")}, Limits(), Silence(), cancel=stopped.set, aside=aside)
    assert stopped.is_set()
