"""`dryland metrics`: how releases went, and how good the data is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform

WORST_SHOWN = 10
SPAN = re.compile(r"(\d+)([hdw])")
UNITS = {"h": "hours", "d": "days", "w": "weeks"}
STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def _span_of(_: click.Context, __: click.Parameter, value: str) -> timedelta:
    found = SPAN.fullmatch(value)
    if found is None or not int(found[1]):
        raise click.BadParameter(f"`{value}` is no stretch of time: 24h, 90d, 12w.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command(help="Say how often, how fast and how safely releases reach readers, and how good the data is.")
@environment_option
@click.option("--since", callback=_span_of, default="90d", show_default=True, help="How far back: 24h, 90d, 12w.")
@click.option("--prometheus", is_flag=True, help="How everything stands, in the text form that Prometheus reads.")
@json_option
@with_platform
def metrics(platform: Any, environment: str, since: timedelta, prometheus: bool, as_json: bool) -> None:
    """Print what is remembered; nothing is measured for it."""
    if prometheus:
        from dryland.clock import utc_now
        from dryland.telemetry.prometheus import exposition

        click.echo(exposition(platform.state, now=utc_now()), nl=False)
        return
    found = platform.metrics(environment, since=since)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2))
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Any) -> Iterator[str]:
    from dryland.cli.table import table

    whole = found.whole
    yield f"{found.environment}, {whole.since:%Y-%m-%d} to {whole.until:%Y-%m-%d}"
    yield from table(
        ["measure", "value", ""],
        [
            ["releases", whole.releases, f"{whole.releases_per_week:.1f} a week"],
            ["lead time", _span(whole.lead_time_s), "from the first commit to readers, the middle of all"],
            ["taken back", _share(whole.change_failure_rate), f"{whole.taken_back} releases that a rollback followed"],
            ["time to restore", _span(whole.time_to_restore_s), "from such a release to its rollback"],
            ["refused", _share(whole.refused_rate), f"{whole.refused} attempts that the gate kept from readers"],
            ["incidents", found.incidents.incidents, f"{found.incidents.readers_hit} of which readers saw"],
            ["time to detect", _span(found.incidents.detect_s), "from when bad data arrived to when they were seen"],
            [
                "readers safe",
                _span(found.incidents.readers_safe_s),
                "from when bad data arrived, where readers saw them",
            ],
            ["refreshes", whole.refreshes, ""],
            ["data quality", "-" if found.score is None else found.score, "of 100, the mean of all datasets"],
        ],
    )
    if found.scores:
        yield ""
        rows = [
            [name, each.value, _share(each.checks), "yes" if each.fresh else "no", _share(each.documented)]
            for name, each in list(found.scores.items())[:WORST_SHOWN]
        ]
        yield from table(["dataset, worst first", "score", "checks", "fresh", "documented"], rows)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"


def _span(seconds: float | None) -> str:
    """A duration as people say it.

    >>> _span(7_260.0), _span(42.0), _span(None)
    ('2.0 h', '42 s', '-')
    """
    if seconds is None:
        return "-"
    for size, unit in STEPS:
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
