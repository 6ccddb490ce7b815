"""Renders what monitors say, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from dryland.cli.table import table
from dryland.cli.visible import visible
from dryland.project.project import Project
from dryland.watch.backtest import Backtest
from dryland.watch.finding import Finding
from dryland.watch.judge import Judged
from dryland.watch.plain import judged_json
from dryland.watch.wording import sentence, shown

SHOWN_MAX = 20  # alerts of a backtest
PER_DAYS = 90


def judged_rows(found: Sequence[Judged], project: Project) -> list[list[Any]]:
    """A row for each monitor: the dataset, the monitor, its value, its bounds, its state."""
    return [
        [project.name_of(each.dataset), each.monitor, each.says or _value(each), _usual(each), each.state]
        for each in found
    ]  # fmt: skip


def finding_line(found: Finding) -> str:
    """What is unusual, in a line."""
    alert = found.evidence.get("alert", "")
    colour = "red" if found.severity == "error" else "yellow"
    return f"{click.style('unusual', fg=colour)} {visible(found.message)} (alert {alert})"


def finding_json(found: Finding) -> dict[str, Any]:
    """As plain data."""
    return {
        "dataset": found.dataset, "kind": found.kind, "monitor": found.subject, "severity": found.severity,
        "at": found.at.isoformat(), "since": found.since.isoformat() if found.since else None,
        "message": found.message, "evidence": dict(found.evidence),
    }  # fmt: skip


def backtest_lines(found: Backtest, project: Project) -> Iterator[str]:
    """The last alerts, how many each monitor would have given, and how often that is."""
    if not found.observations:
        yield f"nothing was seen since {found.since:%Y-%m-%d}: each apply, run and `dryland monitor run` looks"
        return
    for each in found.alerts[-SHOWN_MAX:]:
        yield f"{each.at.isoformat(' ', 'seconds')}  {visible(sentence(each, project.name_of(each.dataset)))}"
    if len(found.alerts) > SHOWN_MAX:
        yield f"... and {len(found.alerts) - SHOWN_MAX} before these"
    if found.alarms:
        yield ""
        rows = [
            [project.name_of(dataset), monitor, count, _often(count, found.days)]
            for (dataset, monitor), count in found.alarms.most_common()
        ]  # fmt: skip
        yield from table(["dataset", "monitor", "alarms", f"per {PER_DAYS} days"], rows)
        yield ""
    yield _summary(found)


def backtest_json(found: Backtest, project: Project) -> dict[str, Any]:
    """As plain data; the keys are stable."""
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat() if found.until else None,
        "observations": dict(found.observations),
        "alarms": [
            {"dataset": dataset, "monitor": monitor, "alarms": count, "per_90_days": _often(count, found.days)}
            for (dataset, monitor), count in found.alarms.most_common()
        ],
        "alerts": [
            {**judged_json(each), "message": sentence(each, project.name_of(each.dataset))} for each in found.alerts
        ],
    }  # fmt: skip


def _summary(found: Backtest) -> str:
    datasets, looks, alarms = len(found.observations), sum(found.observations.values()), found.alarms.total()
    seen = f"{looks} observations of {datasets} dataset{'s' if datasets != 1 else ''} in {found.days:.0f} days"
    if not alarms:
        return f"{seen}: nothing would have been told"
    often = _often(alarms, found.days)
    each = f"; of each dataset {often / datasets:.1f} in {PER_DAYS} days" if often is not None else ""
    return f"{seen}: {alarms} alarm{'s' if alarms != 1 else ''}{each}"


def _often(count: int, days: float) -> float | None:
    """How many that would be in 90 days; of less than a week nobody knows."""
    return round(count * PER_DAYS / days, 1) if days >= 7 else None


def _value(each: Judged) -> str:
    value = shown(each, each.value)
    return f"+{value}" if each.is_growth else value


def _usual(each: Judged) -> str:
    low, high = shown(each, each.bounds.low), shown(each, each.bounds.high)
    if low and high:
        return f"{low} to {high}"
    return f"at most {high}" if high else f"at least {low}" if low else ""
