"""How soon it was seen, how soon over, how soon readers were safe: the middle of all, counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from incident_values import NOON, incident

from dryland.state.incident_records import Incident
from dryland.watch.incident_times import incident_times, incident_times_weekly


def gone_wrong(seen_after: float, over_after: float | None, *, days: int = 0, is_hit: bool = True) -> Incident:
    """Bad data arrive at noon, are seen so many minutes later, and are mended so many minutes after that."""
    began = NOON + timedelta(days=days)
    seen = began + timedelta(minutes=seen_after)
    over = seen + timedelta(minutes=over_after) if over_after is not None else None
    symptom = replace(
        incident().symptoms[0], since=began, first_at=seen, last_at=seen, are_readers_hit=is_hit, gone_at=over
    )
    status = "resolved" if over else "open"
    return replace(incident(), opened_at=seen, status=status, resolved_at=over, symptoms=(symptom,))


def test_the_middle_of_each_and_what_is_open_still() -> None:
    found = incident_times([gone_wrong(1, 10), gone_wrong(3, 20), gone_wrong(60, None)])
    assert (found.incidents, found.still_open, found.readers_hit) == (3, 1, 3)
    assert (found.detect_s, found.restore_s) == (180.0, 900.0)
    assert found.readers_safe_s == (660.0 + 1380.0) / 2, "what readers see still has no end yet"


def test_what_the_gate_kept_from_readers_makes_nobody_look_fast() -> None:
    found = incident_times([gone_wrong(0, 5, is_hit=False), gone_wrong(2, 8)])
    assert (found.incidents, found.readers_hit, found.readers_safe_s) == (2, 1, 600.0)


def test_what_is_part_of_another_is_counted_once() -> None:
    assert incident_times([gone_wrong(1, 1), replace(gone_wrong(9, 9), merged_into=1)]).incidents == 1


def test_it_belongs_to_the_week_in_which_it_was_seen() -> None:
    known = [gone_wrong(1, 1), gone_wrong(5, 5, days=8), gone_wrong(7, 7, days=9)]
    weeks = incident_times_weekly(known, since=NOON - timedelta(days=1), until=NOON + timedelta(days=13))
    assert [(each.incidents, each.detect_s) for each in weeks] == [(1, 60.0), (2, 360.0)]
    assert weeks[-1].until == NOON + timedelta(days=13) and weeks[0].since == NOON - timedelta(days=1)
    assert sum(each.incidents for each in weeks) == incident_times(known).incidents


def test_of_nothing_nothing_is_said() -> None:
    found = incident_times([])
    assert (found.incidents, found.detect_s, found.restore_s, found.readers_safe_s) == (0, None, None, None)
    assert found.as_dict()["since"] is None
