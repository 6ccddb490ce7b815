"""A microbatch model is built when what it reads moved, when a batch begins, and when its batches are asked for."""

from __future__ import annotations

import pytest

from dryland.errors import UsageError
from dryland.project.batches import parse_window

NOON, EVENING, TOMORROW = (f"2026-01-{moment}:00+00:00" for moment in ("03T12:00", "03T20:00", "04T00:30"))
DAYS = parse_window("2026-01-01T15:00", "2026-01-02")
SAME_DAYS = parse_window("2026-01-01", "2026-01-01 23:00")
DAILY = {"incremental_strategy": "microbatch", "event_time": "moment", "batch_size": "day", "begin": "2026-01-01"}


@pytest.fixture
def log(world):
    world.source("raw.events", "id int, moment timestamp")
    world.model("daily", "select id, moment from {raw.events}", materialized="incremental", config=DAILY)
    world.model("counted", "select count(*) as n from {daily}")
    world.model("clocked", "select id, moment, now() as seen from {raw.events}")
    world.change("clocked", materialized="incremental", config=DAILY)
    world.apply(now=NOON, volatile_token="monday")
    return world


def built(plan) -> list[str]:
    return [node.rpartition(".")[2] for node in plan.nodes_to("build")]


def test_within_its_batch_time_passing_builds_nothing(log) -> None:
    assert log.plan("run", now=EVENING, volatile_token="monday").is_empty


def test_a_batch_that_begins_is_built_without_anything_having_arrived(log) -> None:
    assert built(log.plan("run", now=TOMORROW, volatile_token="monday")) == ["daily", "counted"]


def test_a_model_that_reads_the_clock_besides_is_built_at_the_grain_of_the_team(log) -> None:
    assert built(log.plan("run", now=EVENING, volatile_token="tuesday")) == ["clocked"]


def test_what_arrives_is_built_in_the_same_batch(log) -> None:
    tokens = {"raw.events": "day 2"}
    assert built(log.plan("run", now=EVENING, volatile_token="monday", tokens=tokens)) == [
        "clocked",
        "daily",
        "counted",
    ]


@pytest.mark.parametrize("verb", ["apply", "run"])
def test_batches_that_are_asked_for_are_built_with_what_reads_them(log, verb: str) -> None:
    plan = log.plan(verb, now=EVENING, volatile_token="monday", window=DAYS, only="daily counted")
    assert built(plan) == ["daily", "counted"]
    assert plan.window == DAYS
    reasons = [change.reason for change in plan.changes]
    assert reasons[0] == "its batches of 2026-01-01 15:00 to 2026-01-02 are asked for"
    assert not any("old logic" in note for note in plan.notes)


def test_batches_that_are_asked_for_twice_are_made_twice(log) -> None:
    """Their rows may have been mended where they stand."""
    asked = {"now": EVENING, "volatile_token": "monday", "only": "daily counted"}
    first = log.apply("run", window=DAYS, **asked)
    again = log.plan("run", window=DAYS, **asked)
    assert built(again) == ["daily", "counted"]
    assert not {step.key for step in again.steps} & {step.key for step in first.steps}


def test_two_environments_share_batches_however_the_window_is_written(log) -> None:
    """It is whole batches that are made."""
    asked = {"now": EVENING, "volatile_token": "monday", "only": "daily"}
    keys = [log.plan(window=window, **asked).steps[0].key for window in (DAYS, SAME_DAYS)]
    assert keys[0] == keys[1] != log.plan("run", now=TOMORROW, only="daily").steps[0].key


def test_the_next_refresh_makes_the_batches_of_now(log) -> None:
    """Those that were asked for may be long ago."""
    log.apply("run", now=EVENING, volatile_token="monday", window=DAYS)
    assert built(log.apply("run", now=EVENING, volatile_token="monday")) == ["clocked", "daily", "counted"]
    assert log.plan("run", now=EVENING, volatile_token="monday").is_empty


def test_a_window_means_the_models_that_are_selected(log) -> None:
    plan = log.plan("run", now=EVENING, volatile_token="monday", window=DAYS, only="counted")
    assert plan.is_empty
    assert "no microbatch model is built, so nothing has batches of 2026-01-01 15:00 to 2026-01-02" in plan.notes


def test_starting_again_with_a_window_is_told(log) -> None:
    plan = log.plan(now=EVENING, window=DAYS, full_refresh=True, only="daily counted")
    assert "daily starts again, with the batches of 2026-01-01 15:00 to 2026-01-02 only" in plan.notes


REFUSED = {
    ("2026-01-01", ""): "--event-time-start needs --event-time-end",
    ("", "2026-01-01"): "--event-time-end needs --event-time-start",
    ("2026-01-01", "2026-01-01"): "nothing lies in 2026-01-01 to 2026-01-01",
    ("soon", "2026-01-01"): "--event-time-start is no time: soon",
    ("2026-01-01", "2026-13-01"): "--event-time-end is no time: 2026-13-01",
}


@pytest.mark.parametrize("ends", REFUSED)
def test_a_window_has_two_ends_in_their_order(ends: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as raised:
        parse_window(*ends)
    assert REFUSED[ends] in raised.value.message and raised.value.hint


def test_a_time_of_another_zone_is_brought_to_utc() -> None:
    assert parse_window("2026-01-01T00:00:00+01:00", "2026-01-02") == parse_window("2025-12-31 23:00", "2026-01-02")
    assert parse_window("", "") is None
