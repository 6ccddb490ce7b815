"""Scores a detector: which faults it finds, how soon, and how often it is wrong where nothing is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitors.faults import CHANGES, Fault, with_fault
from monitors.histories import JUDGED_DAYS, History, history

Detector = Callable[[History], list[set[str]]]
"""A history -> for each observation the monitors that say that something is wrong; nothing before it is judged."""

AFTER = 3  # observations after a fault in which its end may be told as well, and nobody is blamed


@dataclass
class Score:
    """Of one detector."""

    name: str
    false_alarms: list[int] = field(default_factory=list)  # of each history without fault
    of_monitors: Counter[str] = field(default_factory=Counter)  # that were wrong
    found: dict[str, list[int | None]] = field(default_factory=dict)  # fault -> delay in observations; None: missed
    true_alarms: Counter[str] = field(default_factory=Counter)  # by the fault of the history
    wrong_alarms: Counter[str] = field(default_factory=Counter)  # before the fault, by what that was
    unseen: Counter[str] = field(default_factory=Counter)  # faults that changed no number: nobody can find them

    @property
    def per_90_days(self) -> float:
        """False alarms per dataset and 90 days, all of its monitors together."""
        return sum(self.false_alarms) / len(self.false_alarms) * 90 / JUDGED_DAYS

    def per_90_days_of(self, kind: str) -> float:
        """The same of one kind of monitor."""
        return self.of_monitors[kind] / len(self.false_alarms) * 90 / JUDGED_DAYS

    def precision(self, kinds: Sequence[str] = ()) -> float:
        """Of the alarms in histories that have such a fault, or any, those that are about it; not those after it."""
        true, wrong = (
            sum(found[kind] for kind in kinds or self.found) for found in (self.true_alarms, self.wrong_alarms)
        )
        return true / max(true + wrong, 1)

    def recall(self, kinds: Sequence[str]) -> float:
        """The share of faults that were found while they lasted."""
        delays = [delay for kind in kinds for delay in self.found[kind]]
        return sum(delay is not None for delay in delays) / len(delays)

    def delay(self, kind: str) -> float:
        """The mean number of observations until a fault was told, of those that were found; 0 is the first."""
        delays = [delay for delay in self.found[kind] if delay is not None]
        return sum(delays) / len(delays) if delays else float("nan")


def scored(detectors: dict[str, Detector], *, datasets: int, seeds: Sequence[int] = (1,)) -> list[Score]:
    """Every detector on the same histories, so many of each seed: without a fault, and once with each kind of fault."""
    scores = [Score(name) for name in detectors]
    for random_ in (dice for seed in seeds for dice in [random.Random(seed)] * datasets):
        clean = history(random_)
        broken = [with_fault(clean, kind, random_) for kind in CHANGES]
        for score, detector in zip(scores, detectors.values(), strict=True):
            alarms = episodes(detector(clean))
            score.false_alarms.append(len(alarms))
            score.of_monitors.update(monitor.partition(":")[0] for monitor, _ in alarms)
            for faulty, fault in broken:
                _score_fault(score, detector(faulty), fault)
                score.unseen[fault.kind] += faulty.bodies == clean.bodies
    return scores


def episodes(told: Sequence[set[str]]) -> list[tuple[str, int]]:
    """Alarms as people get them: a monitor that says the same day after day is one."""
    found = []
    for number, now in enumerate(told):
        before = told[number - 1] if number else set()
        found += [(monitor, number) for monitor in sorted(now - before)]
    return found


def _score_fault(score: Score, told: Sequence[set[str]], fault: Fault) -> None:
    within = [number for number in range(fault.first, fault.last + 1) if told[number]]
    score.found.setdefault(fault.kind, []).append(within[0] - fault.first if within else None)
    for _, number in episodes(told):
        if fault.is_in(number):
            score.true_alarms[fault.kind] += 1
        elif number < fault.first:
            score.wrong_alarms[fault.kind] += 1


def plain(score: Score) -> dict[str, Any]:
    """As JSON."""
    return {
        "name": score.name,
        "false_alarms_per_90_days": round(score.per_90_days, 3),
        "false_alarms_by_monitor": dict(score.of_monitors.most_common()),
        "datasets_without_any": sum(not each for each in score.false_alarms) / len(score.false_alarms),
        "precision": round(score.precision(), 3),
        "faults": {
            kind: {
                "precision": round(score.precision([kind]), 3),
                "recall": round(score.recall([kind]), 3),
                "delay": round(score.delay(kind), 2),
                "of": len(delays),
                "unseen": score.unseen[kind],
            }
            for kind, delays in score.found.items()
        },
    }
