"""Monitors find faults of known truth, and are quiet where nothing is wrong: a few datasets of the benchmark."""

from __future__ import annotations

import random

import pytest
from monitors.contenders import CONTENDERS, ours
from monitors.faults import CHANGES, LASTING, VOLUME_30, with_fault
from monitors.histories import JUDGED_DAYS, LEARNING_DAYS, history
from monitors.scoring import episodes, scored


@pytest.mark.slow
def test_volume_faults_are_found_and_false_alarms_are_few() -> None:
    (score,) = scored({"dryland": ours}, datasets=4, seeds=[5])
    assert score.per_90_days <= 1
    assert score.recall(VOLUME_30) >= 0.9
    assert score.recall(["stall", "level shift 40 %"]) == 1
    for kind in (
        "null burst",
        "schema change",
    ):  # where no rows come there are no columns
        assert score.recall([kind]) >= 1 - score.unseen[kind] / 4 - 0.25, kind


def test_a_fault_is_where_it_is_said_to_be() -> None:
    clean = history(random.Random(5))
    assert LEARNING_DAYS <= len(clean.at) <= LEARNING_DAYS + JUDGED_DAYS
    for kind in CHANGES:
        faulty, fault = with_fault(clean, kind, random.Random(1))
        differ = [number for number, body in enumerate(faulty.bodies) if body != clean.bodies[number]]
        assert all(number >= fault.first for number in differ), kind
        assert not differ or not clean.bodies[fault.first]["columns"] or differ[0] - fault.first <= 2, kind
        assert clean.at[fault.first] >= clean.judged_from
        assert fault.last - fault.first < LASTING[kind]


def test_histories_are_the_same_for_everybody() -> None:
    assert history(random.Random(3)).bodies == history(random.Random(3)).bodies
    assert len(CONTENDERS) == 3


def test_what_is_said_day_after_day_is_one_alarm() -> None:
    assert episodes([set(), {"a"}, {"a", "b"}, set(), {"a"}]) == [("a", 1), ("b", 2), ("a", 4)]
