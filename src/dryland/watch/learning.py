"""Keeps what was learned of datasets until the next week, so that a refresh is judged without reading its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dryland.project.monitors import Monitors
from dryland.state.observed import Learned, Observation
from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.usual import (
    ENOUGH_FOR_WEEK,
    HISTORY,
    HISTORY_MAX,
    SINCE_MAX,
    VERSION,
    WEEK,
    Flags,
    Habits,
    as_of,
    decided_by,
    habits_of,
    parted,
)

Found = tuple[Habits, Sequence[Observation]]
"""What is usual of a dataset, and what came since that was learned: the last of it is to be judged."""
ITSELF = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Setting:
    """By what a dataset is judged."""

    monitors: Monitors
    flags: Flags


def learned_of(
    state: State, environment: str, newest: Mapping[str, Observation], settings: Mapping[str, Setting], *, keep: bool
) -> dict[str, Found]:
    """What is usual of these datasets before their newest observations; learned now where it is not known.

    It is the same that their whole histories would give.
    """
    known = {}
    for dataset, each in state.learned(environment, newest).items():
        if each.body.get("version") != VERSION:
            continue
        habits, setting, at = Habits.from_json(each.body), settings[dataset], newest[dataset].at
        is_of_today = habits.as_of == as_of(dataset, at, 1)  # in which there was too little for a week, or no matter
        days = WEEK if habits.count >= ENOUGH_FOR_WEEK and not is_of_today else 1
        if each.decided_by == decided_by(setting.monitors, setting.flags, as_of(dataset, at, days)):
            known[dataset] = habits
    last = max(each.at for each in newest.values())
    first = min((each.as_of for each in known.values()), default=last)
    near = state.observations(environment, known, since=first, before=last + ITSELF, newest=SINCE_MAX)
    found: dict[str, Found] = {
        dataset: (habits, _since(near.get(dataset, ()), newest[dataset], habits.as_of))
        for dataset, habits in known.items()
    }
    unknown = {dataset: each for dataset, each in newest.items() if dataset not in known}
    new: list[Learned] = []
    for dataset, history in _histories(state, environment, unknown).items():
        moment, base, came = parted(history)
        setting = settings[dataset]
        habits = habits_of(base, setting.monitors, setting.flags, moment)
        found[dataset] = habits, came
        if moment < newest[dataset].at:
            key = decided_by(setting.monitors, setting.flags, moment)
            new.append(Learned(environment, dataset, key, habits.as_json()))
    if keep and new:
        state.put_learned(new)
    return found


def _since(near: Sequence[Observation], last: Observation, moment: datetime) -> list[Observation]:
    """What came since it was learned; that the newest is there already when it is judged is not asked."""
    return [*(each for each in near if moment <= each.at < last.at), last][-SINCE_MAX:]


def _histories(state: State, environment: str, newest: Mapping[str, Observation]) -> dict[str, list[Observation]]:
    """Whole histories, as far as anything is learned from them: two queries, however many datasets there are."""
    if not newest:
        return {}
    first = min(as_of(dataset, each.at) for dataset, each in newest.items())
    last = max(each.at for each in newest.values())
    before = state.observations(environment, newest, since=first - HISTORY, before=first, newest=HISTORY_MAX)
    came = state.observations(environment, newest, since=first, before=last)
    return {
        dataset: [*before.get(dataset, ()), *(each for each in came.get(dataset, ()) if each.at < last.at), last]
        for dataset, last in newest.items()
    }
