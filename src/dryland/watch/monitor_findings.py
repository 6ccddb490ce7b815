"""Judges what was just seen, remembers what is to be told, and gives it as findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dryland.project.project import Project
from dryland.state.observed import Alert, Observation
from dryland.state.store import State
from dryland.watch.detect.bounds import Flag
from dryland.watch.finding import Finding, FindingKind
from dryland.watch.judge import Flags, Judged, judged
from dryland.watch.watched import monitors_of
from dryland.watch.wording import sentence

HISTORY = timedelta(days=120)  # of which bounds are made: three months and some, to have seen ends of months
HISTORY_MAX = 400  # observations of each dataset, so that one that is refreshed every hour costs little more than daily
KINDS: Mapping[str, FindingKind] = {"freshness": "freshness", "schema": "schema"}
"""Kind of monitor -> kind of finding; every other is `monitor`."""


def findings(state: State, project: Project, observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """What monitors say of new observations, which are in the history already; told once, however often it is asked.

    All of them are of one environment.
    """
    if not observations:
        return ()
    found = [each for each in judgements(state, project, observations) if each.state == "alert"]
    environment = observations[0].environment
    seen = {(each.dataset, each.at): each for each in observations}
    remembered(state, environment, found, project)
    return tuple(finding_of(seen[each.dataset, each.at], each, project) for each in found)


def remembered(state: State, environment: str, found: Iterable[Judged], project: Project) -> None:
    """Note what is told, so that it is not taken for usual from now on."""
    if alerts := [alert_of(environment, each, project) for each in found]:
        state.put_alerts(alerts)


def judgements(state: State, project: Project, observations: Sequence[Observation]) -> list[Judged]:
    """What every monitor of these datasets says of its newest observation."""
    environment = observations[0].environment
    newest = {each.dataset: each for each in observations}
    since = min(each.at for each in observations) - HISTORY
    histories = state.observations(environment, newest, since=since, newest=HISTORY_MAX)
    told = state.alerts(environment, newest, since=since)
    found: list[Judged] = []
    for dataset, observation in newest.items():
        history = [each for each in histories.get(dataset, ()) if each.at <= observation.at]
        found += judged(history, monitors_of(project, dataset), flags_of(told.get(dataset, ())))
    return found


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
