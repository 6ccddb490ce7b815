"""The warehouse is held while somebody reads, and no longer: releases get in, and readers are told who is at work."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from typing import Any

import pytest
from portal_shop import Portal
from test_guard import token_on
from test_roll_back import HOLDS, outcome, roll_back
from test_rows import ENDLESS, posted

from dryland.errors import BusyError, WarehouseLockedError
from dryland.portal.rows import warehouse as warehouse_module
from dryland.portal.rows.turns import Turns
from dryland.portal.rows.warehouse import HELD_S, Warehouse

OPENS = "import duckdb; duckdb.connect('warehouse.duckdb').close(); print('opened')"
GETS_IN = """
import duckdb, sys, time
began = time.monotonic()
while time.monotonic() - began < 10:
    try:
        duckdb.connect('warehouse.duckdb').close()
        sys.exit(print('got in'))
    except duckdb.IOException:
        time.sleep(0.05)
"""


class Engine:
    """A warehouse that counts."""

    is_shared = False

    def __init__(self, log: list[str]) -> None:
        self.log = log
        log.append("open")

    def close(self) -> None:
        self.log.append("close")

    def cancel(self) -> None:
        self.log.append("cancel")


@pytest.fixture
def log() -> list[str]:
    return []


def held(log: list[str], **more: Any) -> Warehouse:
    return Warehouse(lambda: Engine(log), **more)  # type: ignore[arg-type, return-value]


def test_several_readers_share_one_opening(log: list[str]) -> None:
    one = held(log)
    with one.reading() as first, one.reading() as second:
        assert first is second
    with one.reading():
        assert log == ["open"]
    one.close()
    assert log == ["open", "close"]
    assert not one.is_open


def test_it_is_let_go_of_a_while_after_the_last_reader(log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse_module, "IDLE_S", 0.1)
    closed = threading.Event()
    one = held(log, on_close=closed.set)
    with one.reading():
        time.sleep(0.2)
        assert one.is_open
    assert closed.wait(5)
    assert log == ["open", "close"]


def test_people_who_never_stop_asking_leave_a_gap(log: list[str]) -> None:
    now = [0.0]
    one = held(log, clock=lambda: now[0])
    with one.reading():
        now[0] += HELD_S + 1
        with pytest.raises(BusyError), one.reading(lambda: True):
            pass
    assert log == ["open", "close"], "the last one out closes it"
    with pytest.raises(BusyError), one.reading(lambda: True):
        pass
    now[0] += 1
    with one.reading():
        assert log == ["open", "close", "open"]


def test_a_shared_warehouse_needs_no_gap(log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "is_shared", True)
    now = [0.0]
    one = held(log, clock=lambda: now[0])
    with one.reading():
        now[0] += 10 * HELD_S
        with one.reading():
            assert log == ["open"]


def test_what_could_not_be_opened_is_tried_anew(log: list[str]) -> None:
    def fails() -> Engine:
        raise WarehouseLockedError("held")

    one = held(log)
    opened, one.opened = one.opened, fails  # type: ignore[assignment]
    with pytest.raises(WarehouseLockedError), one.reading():
        pass
    one.opened = opened
    with one.reading():
        assert log == ["open"]


def test_so_many_at_once_and_so_many_of_one_person() -> None:
    turns = Turns(at_once=3, each=2, wait_s=0.05)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(turns.one("ana"))
        with pytest.raises(BusyError, match="2 queries of yours"), turns.one("ana"):
            pass
        stack.enter_context(turns.one("bo"))
        with pytest.raises(BusyError, match="3 queries run already"), turns.one("chi"):
            pass
    with turns.one("ana"), turns.one("chi"):
        pass
    assert not turns._running


@pytest.mark.slow
def test_readers_are_told_who_holds_the_warehouse_and_when_to_come_again(
    own: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dryland.serving.PATIENCE_S", 0.2)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS], cwd=own.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdout.readline() == "held\n"
    try:
        for answer in (
            posted(own, "/query/run", sql="select 1"),
            own.client.get("/api/v1/datasets/customer_orders/rows"),
            own.client.get("/datasets/customer_orders/sample"),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"] == "5"
            assert "the warehouse is held by another process" in answer.text
            assert f"process {holder.pid}" in answer.text
        assert own.get("/datasets/customer_orders").status_code == 200
    finally:
        holder.communicate("")
    assert "1 row in" in posted(own, "/query/run", sql="select 1 as one").text


@pytest.mark.slow
def test_another_process_gets_the_warehouse_soon_after_somebody_read(own: Portal) -> None:
    posted(own, "/query/run", sql="select 1 as one")
    assert own.desk.rows.warehouse.is_open
    began = time.monotonic()
    while time.monotonic() - began < 10:
        done = subprocess.run([sys.executable, "-c", OPENS], cwd=own.root, capture_output=True, text=True)
        if done.stdout == "opened\n":
            break
    assert done.stdout == "opened\n", done.stderr
    assert not own.desk.rows.warehouse.is_open


@pytest.mark.slow
def test_a_release_is_brought_back_while_somebody_asks_for_ever(own: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """His query is stopped, for readers of a bad release wait; and he is told why."""
    monkeypatch.setattr(warehouse_module, "GRACE_S", 0.3)
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(posted(own, "/query/run", sql=ENDLESS)))
    asking.start()
    while not own.desk.rows.running._answers:
        time.sleep(0.01)
    text = outcome(own, roll_back(own))
    asking.join()
    assert "Done: readers of prod see what they saw with release 1" in text
    assert answers[0].status_code == 429
    assert "a release is being brought back" in answers[0].text
    assert posted(own, "/query/run", sql="select count(*) from big_spenders").status_code == 200


def test_rollbacks_and_queries_take_turns(own: Portal) -> None:
    """A file is opened once in a process, to write or to read alone."""
    posted(own, "/query/run", sql="select 1 as one")
    assert own.desk.rows.warehouse.is_open
    assert "Done: readers of prod" in outcome(own, roll_back(own))
    assert "1 row in" in posted(own, "/query/run", sql="select 1 as one").text


def test_what_this_process_has_open_already_is_opened_again_as_it_is(own: Portal) -> None:
    """DuckDB gives a process the same file again, with what was locked there."""
    platform = own.desk.library.platform
    first = platform.open_reader()
    second = platform.open_reader()
    first.close()
    with second.session() as session:
        assert session.fetch("select current_setting('lock_configuration')").rows == ((True,),)
    second.close()


@pytest.mark.slow
def test_who_ends_the_portal_does_not_wait_for_a_query(own: Portal) -> None:
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(posted(own, "/query/run", sql=ENDLESS)))
    asking.start()
    while not own.desk.rows.running._answers:
        time.sleep(0.01)
    began = time.monotonic()
    own.desk.rows.close()
    asking.join()
    assert time.monotonic() - began < 3
    assert answers[0].status_code == 400
    assert not own.desk.rows.warehouse.is_open


@pytest.mark.slow
def test_a_release_gets_in_among_people_who_never_stop_asking(own: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse_module, "HELD_S", 1.0)
    monkeypatch.setattr("dryland.serving.PATIENCE_S", 20.0)
    form = {"token": token_on(own.page("/query")), "sql": "select count(*) from customer_orders"}
    is_over, said = threading.Event(), []

    def ask() -> None:
        while not is_over.is_set():
            said.append(own.client.post("/query/run", data=form).status_code)

    people = [threading.Thread(target=ask) for _ in range(2)]
    for person in people:
        person.start()
    done = subprocess.run([sys.executable, "-c", GETS_IN], cwd=own.root, capture_output=True, text=True)
    before = len(said)
    while len(said) < before + 2:
        time.sleep(0.05)
    is_over.set()
    for person in people:
        person.join()
    assert done.stdout == "got in\n", done.stderr
    assert set(said) == {200}, "whoever asked meanwhile waited a moment, and was answered"


def test_who_waits_for_too_many_turns_waits_for_none() -> None:
    """A query that waits has one of the few threads; one person's do not take all of them."""
    turns = Turns(at_once=3, each=1, wait_s=2.0)
    with turns.one("ana"):
        waiting = threading.Thread(target=lambda: turns.one("ana").__enter__())
        waiting.start()
        while not turns._waiting["ana"]:
            time.sleep(0.01)
        began = time.monotonic()
        with pytest.raises(BusyError, match="of yours"), turns.one("ana"):
            pass
        assert time.monotonic() - began < 1.0
    waiting.join()
    assert not turns._waiting
