"""What was learned yesterday judges as well as the whole history would: nothing is lost by not reading it again."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryland.project.monitors import Monitors, Rule
from dryland.project.project import Project, Settings, Warehouse
from dryland.state.observed import Alert, Observation
from dryland.state.store import State, open_state
from dryland.watch.judge import judged
from dryland.watch.monitor_findings import flags_of, judgements, remembered
from dryland.watch.replay import judged_again
from dryland.watch.usual import ENOUGH, Habits, as_of, habits_of, parted
from dryland.watch.wording import sentence

START = datetime.fromisoformat("2026-03-02T06:00")
DATASET = "model.shop.orders"
GAPS_H = (1, 6, 24)
SAID = (
    Monitors(),
    Monitors(sensitivity=3.0, holidays=frozenset({date(2026, 3, 20)})),
    Monitors(rules={"volume": Rule(max_change=0.2, segments=("country",)), "quantiles": Rule(True),
                    "categories": Rule(True), "nulls": Rule(warm_up=3)}),
)  # fmt: skip


def body(dice: random.Random, number: int, *, grows: bool, is_wrong: bool) -> dict[str, Any]:
    """What is seen of a dataset: everything that a monitor looks at, and now and then something unusual."""
    rows = round((1000 + 40 * number if grows else 1000) * (1 + dice.gauss(0, 0.03)) * (0.3 if is_wrong else 1.0))
    at = START + timedelta(hours=number)
    column = {
        "type": "BIGINT", "nulls": 0.5 if is_wrong else 0.01 + dice.random() / 100, "distinct": 40, "mean": 5.0,
        "quantiles": [dice.gauss(mean, 0.1) for mean in range(1, 10)], "shares": {"a": 0.5, "b": 0.5},
    }  # fmt: skip
    key = {"type": "BIGINT", "nulls": 0.0, "distinct": rows}
    columns = {"amount": column, "id": key} if dice.random() > 0.02 else {"amount": column}
    return {
        "rows": rows, "columns": columns, "duration_s": 10 + dice.random(), "newest": at.isoformat(),
        "segments": {"country": {"pt": rows // 2}}, "verb": "run",
    }  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    dice = random.Random(draw(st.integers(0, 10**6)))
    hours, count, grows = draw(st.sampled_from(GAPS_H)), draw(st.integers(1, 90)), draw(st.booleans())
    at, found = START, []
    for number in range(count):
        at += timedelta(hours=hours * (3 if dice.random() < 0.05 else 1), minutes=dice.randrange(10))
        wrong = number > ENOUGH and dice.random() < 0.05
        found.append(Observation("prod", DATASET, at, body(dice, number, grows=grows, is_wrong=wrong)))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("learning")


@pytest.fixture
def remembered_in(tmp_path: Path) -> Iterator[State]:
    opened = open_state(tmp_path / "state.db")
    yield opened
    opened.close()


def project(monitors: Monitors) -> Project:
    return Project(
        "shop", Path(), Warehouse("duckdb", "w", "main"), {}, {}, {}, settings=Settings(monitors=monitors)
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.sampled_from(SAID), st.integers(0, 3))
def test_judging_day_by_day_says_what_the_whole_history_says(
    folder: Path, history: list[Observation], monitors: Monitors, feedback: int
) -> None:
    """Each observation is judged when it comes, told and spoken of as with people; once by what was kept, once anew."""
    words = ("", "expected", "not-an-issue", "")[feedback]
    path = folder / "state.db"
    path.unlink(missing_ok=True)
    state, shop = open_state(path), project(monitors)
    try:
        for number, observation in enumerate(history):
            state.put_observations([observation])
            told = flags_of(state.alerts("prod").get(DATASET, ()))
            kept = judgements(state, shop, [observation], learn=True)
            anew = judged(history[: number + 1], monitors, told)
            assert tuple(kept) == anew
            alerts = [each for each in kept if each.state == "alert"]
            told_of = judgements(state, shop, [observation], wants_alerts=True)
            assert [each for each in told_of if each.state == "alert"] == alerts
            remembered(state, "prod", alerts, shop)
            for each in alerts if words else ():
                state.put_feedback(Alert("prod", DATASET, each.monitor, each.at).id, words)  # type: ignore[arg-type]
    finally:
        state.close()


def days(count: int, rows: int = 1000) -> list[Observation]:
    dice = random.Random(3)
    return [
        Observation("prod", DATASET, START + timedelta(days=day), {"rows": rows + dice.randrange(40), "verb": "run"})
        for day in range(count)
    ]  # fmt: skip


def kept(state: State) -> Mapping[str, object]:
    return {dataset: each.decided_by for dataset, each in state.learned("prod", [DATASET]).items()}


def test_what_was_learned_holds_for_a_week(remembered_in: State) -> None:
    history = days(40)
    remembered_in.put_observations(history)
    judgements(remembered_in, project(Monitors()), history[-1:], learn=True)
    first = kept(remembered_in)
    later = Observation("prod", DATASET, as_of(DATASET, history[-1].at) + timedelta(days=6.9), {"rows": 1001})
    judgements(remembered_in, project(Monitors()), [later], learn=True)
    assert kept(remembered_in) == first != {}
    next_week = Observation("prod", DATASET, history[-1].at + timedelta(days=7), {"rows": 1001})
    judgements(remembered_in, project(Monitors()), [next_week], learn=True)
    assert kept(remembered_in) != first


def test_what_is_seen_for_the_first_time_is_judged_by_bounds_of_the_team_alone(remembered_in: State) -> None:
    first = days(1)
    remembered_in.put_observations(first)
    assert judgements(remembered_in, project(Monitors()), first)
    assert not judgements(remembered_in, project(Monitors()), first, wants_alerts=True)
    fixed = project(Monitors(rules={"volume": Rule(high=10.0)}))
    told = judgements(remembered_in, fixed, first, wants_alerts=True)
    assert [(each.monitor, each.state) for each in told if each.state == "alert"] == [("volume", "alert")]


def test_who_only_looks_keeps_nothing(remembered_in: State) -> None:
    history = days(40)
    remembered_in.put_observations(history)
    assert judgements(remembered_in, project(Monitors()), history[-1:])
    assert kept(remembered_in) == {}


def test_another_setting_is_learned_anew(remembered_in: State) -> None:
    history = days(40)
    remembered_in.put_observations(history)
    judgements(remembered_in, project(Monitors()), history[-1:], learn=True)
    strict = Monitors(rules={"volume": Rule(low=1_500)})
    (volume,) = [each for each in judgements(remembered_in, project(strict), history[-1:]) if each.kind == "volume"]
    assert volume.state == "alert"
    assert volume.before == tuple((each.at, each.body["rows"]) for each in history[-31:-1])


def test_habits_survive_being_written_down() -> None:
    dice = random.Random(1)
    bodies = [body(dice, hour, grows=hour > 9, is_wrong=hour == 9) for hour in range(90)]
    history = [
        Observation("prod", DATASET, START + timedelta(hours=hour), each) for hour, each in enumerate(bodies)
    ]  # fmt: skip
    moment, before, _ = parted(history)
    found = habits_of(before, SAID[2], {("mean:amount", history[20].at): "tolerated"}, moment)
    assert Habits.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert len(found.series) > 6


def test_what_was_said_lately_is_what_each_day_said_then() -> None:
    history = days(60)
    again = judged_again(history, Monitors(), since=history[-20].at)
    said = [each for each in again if each.monitor == "volume"]
    assert [each.at for each in said] == [each.at for each in history[-20:]]
    for number, each in enumerate(said, start=40):
        (volume,) = [one for one in judged(history[: number + 1], Monitors(), {}) if one.monitor == "volume"]
        assert (each.bounds, each.state) == (volume.bounds, volume.state)


def grown(count: int, wrong: Mapping[int, int]) -> list[Observation]:
    """A table to which a hundred rows come each day; on some days it has another number of rows."""
    rows = [wrong.get(day, 5_000 + 100 * day + day % 3) for day in range(count)]
    return [
        Observation("prod", DATASET, START + timedelta(days=day), {"rows": each, "verb": "run"})
        for day, each in enumerate(rows)
    ]


def told_on(history: list[Observation]) -> list[int]:
    again = judged_again(history, Monitors())
    return [(each.at - START).days for each in again if each.monitor == "volume" and each.state == "alert"]


@pytest.mark.parametrize("day", [44, 47, 50])
def test_what_is_mended_is_not_told_a_second_time(day: int) -> None:
    """The way back to where a growing table should be is as far as the way from there."""
    assert told_on(grown(60, {day: 1_500})) == [day]


def test_a_growing_table_that_begins_anew_is_told_once() -> None:
    reset = {day: 2_000 + 100 * (day - 48) for day in range(48, 70)}
    assert told_on(grown(70, reset)) == [48]


def test_little_is_learned_anew_once_a_day_and_not_with_each_look(
    remembered_in: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, keep = [], State.put_learned
    monkeypatch.setattr(State, "put_learned", lambda state, new: (asked.append(1), keep(state, new)))
    dice = random.Random(3)
    for hour in range(24 * 5):
        at = START + timedelta(hours=hour)
        seen = Observation("prod", DATASET, at, body(dice, hour, grows=False, is_wrong=False))
        remembered_in.put_observations([seen])
        judgements(remembered_in, project(Monitors()), [seen], learn=True)
    assert len(asked) <= ENOUGH + 6


def test_many_are_learned_with_as_few_questions_as_one(remembered_in: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has an hour of the week of its own; that is no reason to ask for each."""
    asked, ask = [], State.observations
    monkeypatch.setattr(State, "observations", lambda *words, **named: (asked.append(1), ask(*words, **named))[1])
    counts = []
    for datasets in (1, 60):
        last = []
        for number in range(datasets):
            history = [replace(each, dataset=f"model.shop.m{datasets}_{number}") for each in days(40)]
            remembered_in.put_observations(history)
            last.append(history[-1])
        asked.clear()
        judgements(remembered_in, project(Monitors()), last, learn=True)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_is_built_far_more_often_than_usual_costs_too_much() -> None:
    """A scheduler that got a wrong line: nothing is wrong with the data, and no build takes longer."""

    def seen(day: int, seconds: float) -> Observation:
        body = {"rows": 10, "duration_s": 40.0 + day % 5, "cost_s": seconds, "verb": "run"}
        return Observation("prod", DATASET, START + timedelta(days=day), body)

    usual = [seen(day, 40.0 + day % 5) for day in range(30)]
    dear = judged([*usual, seen(30, 24 * 41.0)], Monitors(), {})
    assert {each.monitor for each in dear if each.state == "alert"} == {"cost"}
    (cost,) = [each for each in dear if each.monitor == "cost"]
    assert sentence(cost, "orders") == "builds of orders took 16.4 min within a day; usual is at most 5.7 min."
    assert {each.state for each in judged([*usual, seen(30, 2 * 41.0)], Monitors(), {})} == {"ok"}, (
        "five minutes matter"
    )
    off = Monitors(rules={"cost": Rule(is_on=False)})
    assert "cost" not in {each.monitor for each in judged([*usual, seen(30, 24 * 41.0)], off, {})}
