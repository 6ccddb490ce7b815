"""Judges what was just seen, remembers what is to be told, and gives it as findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dryland.project.project import Project
from dryland.state.observed import Alert, Observation
from dryland.state.store import State
from dryland.watch.detect.habit import Flag
from dryland.watch.finding import Finding, FindingKind
from dryland.watch.judge import SHOWN, Judged, judged_by, may_alert, with_before
from dryland.watch.learning import Setting, learned_of
from dryland.watch.usual import HISTORY, LEARNED_UP_TO, Flags, Habits
from dryland.watch.watched import monitors_of
from dryland.watch.wording import sentence

KINDS: Mapping[str, FindingKind] = {"freshness": "freshness", "schema": "schema"}
"""Kind of monitor -> kind of finding; every other is `monitor`."""


def findings(state: State, project: Project, observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """What monitors say of new observations, which are in the history already; told once, however often it is asked.

    All of them are of one environment.
    """
    if not observations:
        return ()
    judged = judgements(state, project, observations, learn=True, wants_alerts=True)
    found = [each for each in judged if each.state == "alert"]
    environment = observations[0].environment
    seen = {(each.dataset, each.at): each for each in observations}
    remembered(state, environment, found, project)
    return tuple(finding_of(seen[each.dataset, each.at], each, project) for each in found)


def remembered(state: State, environment: str, found: Iterable[Judged], project: Project) -> None:
    """Note what is told, so that it is not taken for usual from now on."""
    if alerts := [alert_of(environment, each, project) for each in found]:
        state.put_alerts(alerts)


def judgements(
    state: State, project: Project, observations: Sequence[Observation], *, learn: bool = False,
    wants_alerts: bool = False,
) -> list[Judged]:  # fmt: skip
    """What every monitor of these datasets says of its newest observation.

    `learn`: keep what was learned for that. `wants_alerts`: leave out datasets of which none can be told.
    """
    newest = {each.dataset: each for each in observations if monitors_of(project, each.dataset).is_on is not False}
    if not newest:
        return []
    environment = observations[0].environment
    told = state.alerts(environment, newest, since=min(each.at for each in observations) - HISTORY - LEARNED_UP_TO)
    settings = {
        dataset: Setting(monitors_of(project, dataset), flags_of(told.get(dataset, ()))) for dataset in newest
    }  # fmt: skip
    learned = learned_of(state, environment, newest, settings, keep=learn)
    found = [
        each for dataset, said in settings.items()
        if not wants_alerts or may_alert(*learned[dataset], said.monitors)
        for each in judged_by(*learned[dataset], said.monitors, said.flags)
    ]  # fmt: skip
    habits = {dataset: usual for dataset, (usual, _) in learned.items()}
    return _with_histories(state, environment, found, settings, habits)


def _with_histories(
    state: State, environment: str, found: Sequence[Judged], settings: Mapping[str, Setting],
    learned: Mapping[str, Habits],
) -> list[Judged]:  # fmt: skip
    """What is told, with the values before it: only of these is the history read."""
    wrong = {each.dataset: each.at for each in found if each.state == "alert"}
    if not wrong:
        return [*found]
    before = max(wrong.values()) + timedelta(microseconds=1)
    near = state.observations(environment, wrong, before=before, newest=SHOWN + 2)
    return [
        with_before(each, near.get(each.dataset, ()), settings[each.dataset].monitors, learned[each.dataset])
        for each in found
    ]  # fmt: skip


def flags_of(alerts: Iterable[Alert]) -> Flags:
    """What was told of single values: as wrong, as expected (which is as if nothing was told), or as no issue."""
    words: dict[str, Flag] = {"": "told", "expected": "", "not-an-issue": "tolerated"}
    return {(each.monitor, each.at): words[each.feedback] for each in alerts}


def alert_of(environment: str, judged: Judged, project: Project) -> Alert:
    """A judgement as it is remembered."""
    bounds = judged.bounds
    body = {
        "value": judged.value, "low": bounds.low, "high": bounds.high, "expected": bounds.expected,
        "message": sentence(judged, project.name_of(judged.dataset)),
    }  # fmt: skip
    return Alert(environment, judged.dataset, judged.monitor, judged.at, body=body)


def finding_of(observation: Observation, judged: Judged, project: Project) -> Finding:
    """A judgement as it goes to incidents and people."""
    alert = alert_of(observation.environment, judged, project)
    series = [[at.isoformat(), number] for at, number in judged.before]
    return Finding(
        observation.environment, judged.dataset, KINDS.get(judged.kind, "monitor"), judged.monitor,
        judged.rule.severity or "warn", judged.at, str(alert.body["message"]), since=_since(judged),
        release=observation.release, run=observation.run,
        evidence={"alert": alert.id, **alert.body, "series": series, "is_growth": judged.is_growth,
                  "build": observation.build_key},
    )  # fmt: skip


def _since(judged: Judged) -> datetime | None:
    """When what is wrong arrived: since the observation before; of what is late, when it was late."""
    if judged.kind == "freshness" and judged.value is not None and judged.bounds.high is not None:
        return judged.at - timedelta(seconds=judged.value - judged.bounds.high)
    return judged.before[-1][0] if judged.before else None
