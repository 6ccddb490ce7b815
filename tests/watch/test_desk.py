"""Incidents, history and messages are written in one transaction, by whoever looks, at the same time as others."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from incident_values import NOON, incident

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.incident_records import Delivery, Incident, Mute
from dryland.state.store import State
from dryland.watch.desk import Desk, acted, put_changes
from dryland.watch.family import Family
from dryland.watch.finding import Finding
from dryland.watch.report import Quiet, Report
from dryland.watch.triage import Change

pytestmark = pytest.mark.medium


def described(value: Incident) -> Incident:
    return value


def nothing(mute: Mute) -> frozenset[str]:
    return frozenset()


def desk(state: State, queued=lambda changes, mutes: (), muted=nothing) -> Desk:
    return Desk(state, Family({"b": ["a"]}), described, muted, queued)


def report(*datasets: str, minutes: int = 0, quiet: tuple[str, ...] = ()) -> Report:
    at = NOON + timedelta(minutes=minutes)
    found = tuple(Finding("prod", each, "check", "t", "error", at, "it is bad") for each in datasets)
    return Report("prod", at, found, tuple(Quiet(each, "check") for each in quiet), "it was mended")


def test_what_is_taken_in_is_found_again_as_it_was(state: State) -> None:
    (change,) = desk(state).take_in(report("a", "b"))
    assert state.incident(change.incident.id) == change.incident
    assert [each.kind for each in state.incident_events(change.incident.id)] == ["opened"]
    desk(state).take_in(report(quiet=("a", "b"), minutes=5))
    over = state.incident(change.incident.id)
    assert over is not None and over.status == "resolved"
    assert [each.kind for each in state.incident_events(over.id)] == ["opened", "gone", "gone", "resolved"]


def test_when_the_queue_cannot_be_written_nothing_is(state: State) -> None:
    def broken(changes: object, mutes: object) -> list[Delivery]:
        raise StateError("the disk is full")

    with pytest.raises(StateError):
        desk(state, broken).take_in(report("a"))
    assert state.incidents() == ()


def test_several_who_look_at_the_same_time_open_one_incident(state: State) -> None:
    barrier = threading.Barrier(6)

    def look() -> None:
        barrier.wait()
        desk(state).take_in(report("a"))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(state.incidents()) == 1


def test_a_good_day_writes_nothing(state: State) -> None:
    written: list[str] = []
    sa.event.listen(state._engine, "before_cursor_execute", lambda c, cursor, sql, *_: written.append(sql))
    assert desk(state).take_in(report(quiet=("a", "b"))) == ()
    assert len(written) < 4 and not any(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in written)


def test_many_incidents_are_written_in_few_statements(state: State) -> None:
    many = report(*(f"d{number}" for number in range(300)))
    sent: list[str] = []
    sa.event.listen(state._engine, "before_cursor_execute", lambda c, cursor, sql, *_: sent.append(sql))
    assert len(desk(state).take_in(many)) == 300
    assert len(sent) < 20


def test_what_begins_under_a_mute_says_so(state: State) -> None:
    made = state.add_mute(Mute(0, "prod", "a", NOON, NOON + timedelta(hours=1)))
    state.add_mute(Mute(0, "dev", "a", NOON, NOON + timedelta(hours=1)))
    (change,) = desk(state, muted=lambda mute: frozenset("a")).take_in(report("a"))
    assert change.incident.muted_by == made.id
    assert state.end_mute(made.id, NOON) and not state.end_mute(made.id, NOON)


def test_what_was_over_long_ago_is_forgotten_with_all_that_belongs_to_it(state: State) -> None:
    old = Change(incident())
    old.note("opened", NOON)
    (old,) = put_changes(state, (old,))
    state.add_deliveries([Delivery(0, old.incident.id, "opened", "r", "c", "waiting", NOON, NOON)])
    put_changes(state, (acted(old.incident, "resolved", NOON, "ana"),))
    desk(state).take_in(report("a"))
    assert state.forget_incidents(NOON) == 0
    assert state.forget_incidents(NOON + timedelta(days=1)) == 1
    with state.reading() as connection:
        left = connection.execute(sa.select(tables.incident_events.c.incident_id)).scalars().all()
    assert set(left) == {each.id for each in state.incidents()} and state.deliveries() == ()
