"""Who is told and when: routes, quiet hours, digests, throttling, mutes; and what settings say wrongly is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from incident_values import NOON, incident

from dryland.errors import ConfigError
from dryland.project.alerting import Channel, QuietHours, Route
from dryland.project.settings import read_settings
from dryland.state.incident_records import Mute
from dryland.state.store import State
from dryland.watch.alerting import due_at, matches, queued_for
from dryland.watch.desk import acted, put_changes
from dryland.watch.triage import Change

pytestmark = pytest.mark.medium

at = datetime.fromisoformat
LATE = at("2026-07-02 22:30")


@pytest.mark.parametrize(
    ("route", "is_meant"),
    [
        (Route("r", ()), True),
        (Route("r", (), owners=("ana",)), True),
        (Route("r", (), owners=("bo",)), False),
        (Route("r", (), severities=("warn",)), False),
        (Route("r", (), tags=("daily", "x")), True),
        (Route("r", (), tags=("x",)), False),
        (Route("r", (), kinds=("check",)), True),
        (Route("r", (), kinds=("freshness",)), False),
        (Route("r", (), environments=("dev",)), False),
        (Route("r", (), environments=("*",)), True),
    ],
)
def test_a_route_is_for_what_passes_all_of_its_filters(route: Route, is_meant: bool, project_of) -> None:
    assert matches(route, incident(tags=("daily",)), project_of()) is is_meant


def test_whose_data_they_are_hears_of_it_also_when_somebody_else_looks_after_it(project_of) -> None:
    given = replace(incident(), assignee="bo")
    assert matches(Route("r", (), owners=("ana",)), given, project_of())
    assert matches(Route("r", (), owners=("bo",)), given, project_of())


def test_other_environments_tell_nobody_unless_a_route_says_so(project_of) -> None:
    elsewhere = replace(incident(), environment="dev_ana")
    assert not matches(Route("r", ()), elsewhere, project_of())
    assert matches(Route("r", (), environments=("dev_ana",)), elsewhere, project_of())


NIGHT = QuietHours(time(22), time(7), "Europe/Lisbon")  # in summer an hour ahead of UTC


@pytest.mark.parametrize(
    ("route", "now", "severity", "last", "due"),
    [
        (Route("r", ()), NOON, "error", None, NOON),
        (Route("r", (), quiet=NIGHT), LATE, "warn", None, at("2026-07-03 06:00")),
        (Route("r", (), quiet=NIGHT), LATE, "error", None, LATE),
        (Route("r", (), quiet=replace(NIGHT, let_through="nothing")), LATE, "error", None, at("2026-07-03 06:00")),
        (Route("r", (), quiet=NIGHT), at("2026-07-02 06:01"), "warn", None, at("2026-07-02 06:01")),
        (Route("r", (), quiet=NIGHT), at("2026-01-02 06:30"), "warn", None, at("2026-01-02 07:00")),
        (Route("r", (), digest_s=3600), NOON + timedelta(minutes=1), "error", None, NOON + timedelta(hours=1)),
        (Route("r", (), throttle_s=900), NOON, "error", NOON - timedelta(minutes=5), NOON + timedelta(minutes=10)),
        (Route("r", (), throttle_s=900), NOON, "error", NOON - timedelta(minutes=50), NOON),
    ],
)  # fmt: skip
def test_when_a_message_is_due(
    route: Route, now: datetime, severity: str, last: datetime | None, due: datetime
) -> None:
    assert due_at(route, now, severity, last) == due


@pytest.fixture
def told(state: State, project_of):
    """What is queued of an incident that opens, for these routes."""

    def queue(*routes: Route, mute: Mute | None = None):
        project = project_of(Channel("c", "file", ("out",)), routes=routes)
        change = Change(incident(muted_by=mute.id if mute else None))
        change.note("opened", NOON)
        with state.writing():
            (written,) = put_changes(state, (change,))
            state.add_deliveries(queued_for(project, NOON, state)((written,), {mute.id: mute} if mute else {}))
        return written.incident, project

    return queue


def test_a_reminder_is_queued_with_the_message(told, state: State) -> None:
    told(Route("r", ("c",), remind_s=3600))
    assert [(each.event, each.due_at) for each in state.deliveries()] == [
        ("reminder", NOON + timedelta(hours=1)), ("opened", NOON)
    ]  # fmt: skip


def test_what_a_mute_covers_waits_for_its_end(told, state: State) -> None:
    told(Route("r", ("c",)), mute=Mute(7, "", "*", NOON, NOON + timedelta(hours=2)))
    (one,) = state.deliveries()
    assert one.due_at == NOON + timedelta(hours=2) and one.body["muted"] == 7


def test_recovery_is_told_to_those_who_were_told(told, state: State) -> None:
    made, project = told(Route("r", ("c",)), Route("bad", ("c",), on=("opened",)), Route("errors", ("c",), tags=("x",)))
    change = acted(made, "resolved", NOON, "ana")
    state.add_deliveries(queued_for(project, NOON, state)((change,), {}))
    assert [(each.route, each.event) for each in state.deliveries()] == [
        ("r", "resolved"), ("bad", "opened"), ("r", "opened")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alerts: {chanels: []}", "`alerts.chanels` is not a setting"),
        ("alerts: {routes: [{name: r, to: [], diggest: 1h}]}", "hint: did you mean `digest`?"),
        ("alerts: {routes: [{name: r, to: nobody}]}", "leads to `nobody`"),
        ("alerts: {channels: [{name: c, file: f, webhook: w}]}", "`c` has 2"),
        ("alerts: {channels: [{name: c, file: f}, {name: c, file: g}]}", "two channels are called `c`"),
        (
            "alerts: {channels: [{name: c, file: f}], routes: [{name: r, to: c, digest: often}]}",
            "`often` is no stretch",
        ),
        ("alerts: {channels: [{name: c, file: f}], routes: [{name: r, to: c, quiet: {zone: Mars}}]}", "no time zone"),
        ("alerts: {channels: [{name: c, file: f}], routes: [{name: r, to: c, quiet: {start: 25:00}}]}", "time of day"),
        ("incidents: {reopen: soon}", "`soon` is no stretch"),
    ],
)
def test_what_dryland_yml_says_wrongly_is_told_with_its_line(text: str, told: str, tmp_path) -> None:
    (tmp_path / "dryland.yml").write_text(f"# first line\n{text}\n")
    with pytest.raises(ConfigError) as error:
        read_settings(tmp_path)
    assert told in str(error.value) and "dryland.yml:2" in str(error.value)
