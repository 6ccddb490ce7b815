"""The detector: what is usual is learned from what was, by the calendar, and one wild value spoils nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dryland.watch.detect.bounds import Bounds, bounds_by
from dryland.watch.detect.calendar import Calendar
from dryland.watch.detect.habit import ADOPTED, Flag, Point, habit_of
from dryland.watch.detect.tuning import Tuning

pytestmark = pytest.mark.medium

START = datetime.fromisoformat("2026-01-05T06:00")  # a Monday
VOLUME = Tuning(least_share=0.1, run_width=0.5, is_count=True)
PLAIN = Tuning(is_factor=False)


def days(values: list[float], flags: dict[int, Flag] | None = None) -> list[Point]:
    """One value a day."""
    return [Point(START + timedelta(days=day), value, (flags or {}).get(day, "")) for day, value in enumerate(values)]


def next_day(history: list[Point]) -> datetime:
    return history[-1].at + timedelta(days=1)


def noisy(
    count: int, of: Callable[[int], float] = lambda day: 1000.0, noise: float = 0.03, seed: int = 1
) -> list[float]:
    random_ = random.Random(seed)
    return [round(of(day) * math.exp(random_.gauss(0, noise))) for day in range(count)]


def bounds_at(history: list[Point], at: datetime, tuning: Tuning, calendar: Calendar = Calendar()) -> Bounds:  # noqa: B008
    """From what was seen before, all of it learned just now."""
    return bounds_by(habit_of(history, tuning, calendar, at), (), at, tuning, calendar)


def bounds(values: list[float], tuning: Tuning = VOLUME, calendar: Calendar = Calendar()) -> Bounds:  # noqa: B008
    history = days(values)
    return bounds_at(history, next_day(history), tuning, calendar)


def width(of: Bounds) -> float:
    assert of.low is not None and of.high is not None
    return of.high - of.low


def test_a_short_history_tells_nobody_anything() -> None:
    assert bounds(noisy(13)).is_learning
    assert not bounds(noisy(13)).is_outside(0)
    assert not bounds(noisy(14)).is_learning


def test_what_never_changed_may_change_by_what_is_no_matter() -> None:
    found = bounds([1000.0] * 20)
    assert (found.low, found.expected, found.high) == pytest.approx((900, 1000, 1100))
    assert bounds([0.0] * 20, PLAIN) == Bounds(expected=0.0), "nothing tells how much of something is much"


def test_a_week_is_seen_and_its_weekend_expected() -> None:
    values = noisy(56, lambda day: 1000.0 if day % 7 < 5 else 200.0)
    assert not bounds(values[:54]).is_outside(200) and bounds(values[:54]).is_outside(1000), "the next is a Saturday"
    assert not bounds(values).is_outside(1000) and bounds(values).is_outside(200), "the next is a Monday"


def test_hours_of_the_day_are_seen() -> None:
    history = [
        Point(START + timedelta(hours=hour), value)
        for hour, value in enumerate(noisy(24 * 14, lambda hour: 1000.0 if 8 <= (hour + 6) % 24 < 20 else 100.0))
    ]
    at = history[-1].at + timedelta(hours=1)
    assert at.hour == 6
    found = bounds_at(history, at, VOLUME)
    assert not found.is_outside(100) and found.is_outside(1000)


def test_a_trend_is_followed() -> None:
    found = bounds(noisy(60, lambda day: 1000.0 * 1.02**day, noise=0.01))
    assert found.expected == pytest.approx(1000 * 1.02**60, rel=0.05)
    assert found.is_outside(1000 * 1.02**40)


def test_what_an_end_of_a_month_brings_is_expected_at_the_next() -> None:
    def sales(day: int) -> float:
        return 2000.0 if (START + timedelta(days=day + 1)).day == 1 else 1000.0

    until = (date(2026, 4, 30) - START.date()).days
    found = bounds(noisy(until, sales))
    assert not found.is_outside(2000)
    assert bounds(noisy(until - 1, sales)).is_outside(2000), "on the day before it would be a surprise"


def test_holidays_that_are_listed_are_like_those_before() -> None:
    holidays = Calendar(frozenset({date(2026, 2, 3), date(2026, 3, 3), date(2026, 4, 7)}))

    def visits(day: int) -> float:
        return 300.0 if (START + timedelta(days=day)).date() in holidays.holidays else 1000.0

    first, third = ((date(2026, month, day) - START.date()).days for month, day in ((2, 3), (4, 7)))
    assert bounds(noisy(first, visits), calendar=holidays).is_learning, "nobody knows what the first one is like"
    assert not bounds(noisy(third, visits), calendar=holidays).is_outside(300)
    assert bounds(noisy(third, visits)).is_outside(300), "where nobody lists it, it is a day like any other"


def test_what_was_told_does_not_widen_bounds_unless_it_was_no_issue() -> None:
    values = [*noisy(40), 600.0, *noisy(5, seed=2)]
    at = START + timedelta(days=len(values))
    told, expected, tolerated = (bounds_at(days(values, {40: flag}), at, VOLUME) for flag in ("told", "", "tolerated"))
    assert width(told) <= 1.05 * width(expected) < width(tolerated)
    assert tolerated.low is not None and tolerated.low < 610


def test_what_goes_on_for_long_enough_is_how_things_are() -> None:
    values = [*noisy(60), *noisy(ADOPTED, lambda day: 500.0, seed=2)]
    flags: dict[int, Flag] = dict.fromkeys(range(60, len(values)), "told")
    history = days(values, flags)
    assert bounds_at(history[:-1], history[-1].at, VOLUME).is_outside(500)
    assert not bounds_at(history, next_day(history), VOLUME).is_outside(500)


def test_three_that_lean_tell_as_much_as_one_that_leaps() -> None:
    steady = noisy(60, noise=0.08)
    assert not bounds([*steady, 1000.0, 1000.0]).is_outside(810)
    assert not bounds([*steady, 1000.0, 810.0]).is_outside(810)
    assert bounds([*steady, 810.0, 810.0]).is_outside(810)


def test_a_direction_has_one_bound_and_a_count_is_never_negative() -> None:
    assert bounds(noisy(30), Tuning(direction="low", is_count=True)).high is None
    assert bounds(noisy(30), Tuning(direction="high", is_count=True)).low is None
    few = bounds([3.0, 5.0, 2.0, 4.0, 6.0] * 6)
    assert few.low == 1.0, "it was never empty, and does not become so unseen"
    assert bounds([0.0, 5.0, 2.0, 4.0, 6.0] * 6).low is None


def test_counting_alone_makes_small_numbers_vary() -> None:
    assert not bounds([9.0, 10.0, 11.0, 10.0] * 10).is_outside(16)
    assert bounds([9000.0, 10000.0, 11000.0, 10000.0] * 10).is_outside(16000)


whole = st.integers(-1_000_000, 1_000_000).map(float)  # which add up exactly: equal distances stay equal
histories = st.lists(whole, min_size=20, max_size=80)


@settings(max_examples=60, deadline=None)
@given(histories, whole)
def test_a_constant_added_to_all_values_moves_bounds_alike(values: list[float], by: float) -> None:
    one, other = bounds(values, PLAIN), bounds([value + by for value in values], PLAIN)
    if one.low is None or other.low is None:  # all values are equal
        return
    scale = max(map(abs, [*values, by]), default=1.0) + 1
    assert other.low == pytest.approx(one.low + by, abs=1e-6 * scale)
    assert other.high == pytest.approx((one.high or 0) + by, abs=1e-6 * scale)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=20, max_size=80), st.floats(1, 50))
def test_more_noise_never_narrows_bounds(noise: list[float], factor: float) -> None:
    quiet = bounds([1000 + each for each in noise], Tuning(is_factor=False, least=0.5))
    loud = bounds([1000 + factor * each for each in noise], Tuning(is_factor=False, least=0.5))
    assert width(loud) >= width(quiet) - 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(21, 60), st.floats(0.01, 100), st.floats(0, 1))
def test_one_outlier_does_not_break_tomorrows_bounds(seed: int, count: int, times: float, place: float) -> None:
    assume(not Calendar().special(START + timedelta(days=count)))  # where it may have been the month before that was so
    values = noisy(count, seed=seed)
    wild = [*values]
    wild[min(int(place * count), count - 1)] *= times
    before, after = bounds(values), bounds(wild)
    assert after.expected == pytest.approx(before.expected, rel=0.1)
    assert width(after) < 4 * width(before)
    assert after.is_outside(300)


def test_a_closed_day_without_rows_is_usual_whatever_the_trend_says() -> None:
    """On the scale of factors nothing and a half are far apart; on a Sunday they are the same."""
    values = noisy(92, lambda day: 0.0 if day % 7 >= 5 else 5000.0 * 1.003**day, 0.05)
    for day in range(70, 92):
        found = bounds_at(days(values[:day]), START + timedelta(days=day), VOLUME)
        assert not found.is_outside(values[day]), day


def test_noise_that_leans_for_days_is_no_alarm_of_three_in_a_row() -> None:
    """Days that are like the day before lean more often than others: bounds know from how their sums were."""
    dice, noise, values = random.Random(2), 0.0, []
    for _ in range(300):
        noise = 0.6 * noise + 0.8 * dice.gauss(0, 0.05)
        values.append(round(10_000 * math.exp(noise)))
    history = days(values)
    outside = [
        day for day in range(100, 300) if bounds_at(history[:day], history[day].at, VOLUME).is_outside(values[day])
    ]
    assert len(outside) <= 4


def test_what_came_over_several_days_may_be_as_any_of_these() -> None:
    """Nobody looked on Friday: what came by Saturday is half a Friday's rows, and half of none."""
    values = noisy(75, lambda day: 0.0 if day % 7 >= 5 else 1000.0)
    saturday = START + timedelta(days=75)
    habit = habit_of(days(values), VOLUME, Calendar(), saturday)
    alone = bounds_by(habit, (), saturday, VOLUME, Calendar())
    both = bounds_by(habit, (), saturday, VOLUME, Calendar(), [saturday - timedelta(days=1)])
    assert alone.is_outside(500)
    assert not both.is_outside(500)
    assert both.is_outside(2000)


def test_a_level_moves_with_what_came_since_it_was_learned() -> None:
    values = noisy(60)
    habit = habit_of(days(values), VOLUME, Calendar(), START + timedelta(days=60))
    since = [Point(START + timedelta(days=60 + day), 1080.0) for day in range(14)]
    later = START + timedelta(days=74)
    before, after = (bounds_by(habit, came, later, VOLUME, Calendar()).expected for came in ((), since))
    assert before == pytest.approx(1000, rel=0.02)
    assert after == pytest.approx(1080, rel=0.02)


def test_what_is_told_for_long_is_taken_for_usual_before_it_is_learned_again() -> None:
    values = noisy(60)
    habit = habit_of(days(values), VOLUME, Calendar(), START + timedelta(days=60))
    told = [Point(START + timedelta(days=60 + day), 500.0, "told") for day in range(ADOPTED)]
    at = START + timedelta(days=60 + ADOPTED)
    assert bounds_by(habit, told[:-1], at, VOLUME, Calendar()).is_outside(500)
    assert not bounds_by(habit, told, at, VOLUME, Calendar()).is_outside(500)
