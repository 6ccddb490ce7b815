"""What monitors saw and told is added to a history, which ends after its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from remembering import DAY

from dryland.state.observed import Alert, Learned, Observation, Scored
from dryland.state.store import State

pytestmark = pytest.mark.medium


def seen(dataset: str, day: int, environment: str = "prod") -> Observation:
    return Observation(environment, dataset, DAY + timedelta(days=day), {"rows": day}, release=day, build_key=f"k{day}")


def test_a_history_comes_back_as_it_was_seen_oldest_first(state: State) -> None:
    state.put_observations([seen("a", 2), seen("b", 1), seen("a", 1), seen("a", 1, "dev")])
    assert state.observations("prod") == {"a": [seen("a", 1), seen("a", 2)], "b": [seen("b", 1)]}
    assert state.observations("prod", ["b", "c"]) == {"b": [seen("b", 1)]}
    assert state.observations("prod", ["a"], since=seen("a", 2).at) == {"a": [seen("a", 2)]}
    assert state.observations("prod", ["a"], before=seen("a", 2).at) == {"a": [seen("a", 1)]}


def test_of_each_dataset_the_newest_are_enough(state: State) -> None:
    state.put_observations([seen(dataset, day) for day in (3, 1, 2) for dataset in "ab"])
    state.put_observations([seen("a", 9, "dev")])
    two = {dataset: [seen(dataset, 2), seen(dataset, 3)] for dataset in "ab"}
    assert state.observations("prod", newest=2) == state.observations("prod", ["b", "a"], newest=2) == two


def test_nothing_seen_is_nothing_written(state: State) -> None:
    state.put_observations([])
    state.put_alerts([])
    assert (state.observations("prod"), state.alerts("prod")) == ({}, {})


def test_an_alert_is_told_once_and_keeps_what_people_said_of_it(state: State) -> None:
    alert = Alert("prod", "a", "volume", DAY, body={"value": 1})
    state.put_alerts([alert, replace(alert, monitor="nulls:x")])
    said = state.put_feedback(alert.id[:9], "expected")
    assert said == replace(alert, feedback="expected")
    state.put_alerts([replace(alert, body={"value": 2})])
    found = {each.monitor: each for each in state.alerts("prod", ["a"])["a"]}
    assert found["volume"] == replace(alert, feedback="expected", body={"value": 2})
    assert found["nulls:x"].feedback == ""
    assert state.put_feedback("%", "expected") is None, "an id is no pattern"
    assert state.put_feedback("", "expected") is None, "it could be either"


def test_what_is_too_old_is_forgotten_with_what_was_told_of_it(state: State) -> None:
    state.put_observations([seen("a", day) for day in range(5)])
    state.put_alerts([Alert("prod", "a", "volume", seen("a", day).at) for day in range(5)])
    assert state.forget_observations(seen("a", 3).at) == 3
    assert [each.body["rows"] for each in state.observations("prod")["a"]] == [3, 4]
    assert len(state.alerts("prod")["a"]) == 2


def test_what_was_learned_is_replaced_and_forgotten_with_the_history(state: State) -> None:
    state.put_observations([seen("a", 1), seen("b", 9)])
    state.put_learned([Learned("prod", "a", "x", {"n": 1}), Learned("prod", "b", "x"), Learned("dev", "a", "x")])
    state.put_learned([Learned("prod", "a", "y", {"n": 2.5})])
    assert state.learned("prod", ["a", "c"]) == {"a": Learned("prod", "a", "y", {"n": 2.5})}
    state.put_learned([])
    state.forget_observations(seen("a", 5).at)
    assert state.learned("prod", ["a", "b"]) == {"b": Learned("prod", "b", "x")}


def test_what_a_score_is_made_of_is_remembered_from_change_to_change(state: State) -> None:
    first, second = Scored("prod", "a", DAY, (1.0, 1.0, 0.5)), Scored("prod", "a", DAY + timedelta(days=2), None)
    other = Scored("prod", "b", DAY + timedelta(days=1), (0.25, 0.0, 0.0))
    state.put_scored([second, other, first, replace(first, environment="dev")])
    assert state.scored("prod") == [first, other, second]
    assert state.scored("prod", ["a"], before=second.at) == [first]
    state.put_scored([])
    state.put_scored([replace(first, parts=(0.5, 1.0, 0.5))])
    assert state.scored("dev") == [replace(first, environment="dev")]
    assert state.scored("prod", ["a"])[0].parts == (0.5, 1.0, 0.5)


def test_the_last_score_of_a_time_that_is_forgotten_stays(state: State) -> None:
    days = [
        Scored("prod", dataset, DAY + timedelta(days=day), (day / 10, 1.0, 0.0))
        for dataset in "ab"
        for day in (0, 3, 9)
    ]
    state.put_scored([*days, Scored("dev", "a", DAY, (1.0, 1.0, 1.0))])
    state.forget_observations(DAY + timedelta(days=5))
    assert [(each.dataset, (each.at - DAY).days) for each in state.scored("prod")] == [
        ("a", 3), ("b", 3), ("a", 9), ("b", 9),
    ]  # fmt: skip
    assert len(state.scored("dev")) == 1
