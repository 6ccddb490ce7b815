"""What an incident's page draws and compares says no more and no less than what was measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryland.portal.drawing.band import HEIGHT, WIDTH, Seen, band
from dryland.portal.drawing.time_line import time_line
from dryland.portal.incidents.incident import compared_builds
from dryland.portal.incidents.last_good import Measured, difference
from dryland.state.history import Shown
from dryland.state.incident_records import Incident, IncidentEvent, Symptom
from dryland.state.records import Build, Profile, Versions

NOON = datetime.fromisoformat("2026-03-02 12:00")
NUMBERS = st.floats(-1e12, 1e12)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def went_wrong(*, is_hit: bool = True, over: float | None = None, **more: object) -> Incident:
    """Bad data arrive at noon and are seen five minutes later."""
    symptom = Symptom(
        "model.shop.a", "check", "test.a", "error", "bad", minutes(5), minutes(5), since=NOON, are_readers_hit=is_hit,
        release=3, gone_at=minutes(over) if over else None,
    )  # fmt: skip
    status = "resolved" if over else "open"
    resolved = minutes(over) if over else None
    found = Incident(1, "prod", "data", status, "error", "model.shop.a", minutes(5), symptoms=(symptom,))
    return replace(found, resolved_at=resolved, **more)  # type: ignore[arg-type]


def test_the_line_is_red_for_as_long_as_readers_saw_it() -> None:
    events = [IncidentEvent(1, minutes(9), "acknowledged", "bo")]
    line = time_line(went_wrong(over=20), events, minutes(60))
    assert [each.kind for each in line.marks] == ["arrived", "seen", "acknowledged", "safe", "resolved"]
    assert [(each.told, each.is_bad) for each in line.stretches][:3] == [
        ("5 min", True), ("4 min", True), ("11 min", True),
    ]  # fmt: skip
    assert not any(each.is_bad for each in time_line(went_wrong(is_hit=False), [], minutes(60)).stretches)


def test_while_it_is_open_the_line_ends_now() -> None:
    line = time_line(went_wrong(), [], minutes(60))
    assert line.marks[-1].kind == "now" and all(each.is_bad for each in line.stretches)


def test_of_a_refused_release_nothing_arrived() -> None:
    line = time_line(went_wrong(is_hit=False, track="release"), [], minutes(60))
    assert [each.kind for each in line.marks] == ["refused", "now"]


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=40))
def test_a_band_stays_in_its_frame(values: list[tuple[float, float, float]]) -> None:
    seen = [Seen(minutes(at), value, min(ends), max(ends)) for at, (value, *ends) in enumerate(values)]
    drawn = band(seen)
    assert drawn is not None
    points = [tuple(map(float, pair.split(","))) for pair in f"{drawn.line} {drawn.area}".split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_of_one_value_there_is_no_picture_and_without_bounds_no_band() -> None:
    assert band([Seen(NOON, 1.0)]) is None
    drawn = band([Seen(NOON, 1.0), Seen(minutes(1), 2.0, is_told=True)])
    assert drawn and drawn.area == "" and [told for _, _, told in drawn.points] == [False, True]


def measured(rows: int, columns: dict[str, str], **measures: dict[str, float]) -> Measured:
    build = Build("k", "n", "r", "table", Versions("v"), tuple(columns.items()))
    return Measured(build, Profile(rows, "h", measures))


def test_what_differs_from_the_last_good_data() -> None:
    good = measured(
        100, {"a": "INT", "b": "INT", "c": "INT", "d": "INT"}, a={"nulls": 0, "distinct": 100},
        b={"nulls": 0, "distinct": 10}, d={"nulls": 1, "distinct": 7},
    )  # fmt: skip
    bad = measured(
        60, {"a": "TEXT", "b": "INT", "d": "INT", "e": "INT"}, a={"nulls": 0, "distinct": 60},
        b={"nulls": 30, "distinct": 10}, d={"nulls": 1, "distinct": 7},
    )  # fmt: skip
    found = difference(good, bad)
    assert (found.rows_before, found.rows_after, found.rows_share) == (100, 60, pytest.approx(-0.4))
    assert {each.name: each.what for each in found.columns} == {
        "a": "type", "b": "measures", "c": "removed", "e": "added",
    }  # fmt: skip
    assert found.alike == 1
    (nulls,) = (each for each in found.columns if each.name == "b")
    assert (nulls.nulls_before, nulls.nulls_after) == (0.0, 0.5)


def test_the_last_good_build_is_what_readers_saw_before_the_release_that_did_it() -> None:
    shown = [Shown(number, key, "d", "") for number, key in ((5, "new"), (4, "bad"), (3, "bad"), (2, "good"))]
    hit = went_wrong(probably={"release": 3})
    assert compared_builds(hit, shown) == ("bad", "good")
    held = went_wrong(is_hit=False)
    candidate = replace(held, symptoms=(replace(held.symptoms[0], release=2, evidence={"build": "candidate"}),))
    assert compared_builds(candidate, shown) == ("candidate", "good")
    assert compared_builds(replace(held, symptoms=()), shown) == ("", "")
    assert compared_builds(went_wrong(probably={"release": 2}), shown) == ("good", ""), "there was nothing before"
