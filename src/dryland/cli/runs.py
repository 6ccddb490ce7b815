"""`dryland runs`: who is at work, who waits, and how the last runs ended."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import json_option, with_platform


@click.command(help="Say who is at work on what since when, who waits, and how the last runs ended.")
@json_option
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Runs at most.")
@with_platform
def runs(platform: Any, as_json: bool, limit: int) -> None:
    """Who, what, since when."""
    found = platform.at_work(limit=limit)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2))
        return
    for line in _now(found):
        click.echo(line)
    if found.runs:
        click.echo()
        for line in _runs(found):
            click.echo(line)


def _now(found: Any) -> list[str]:
    from dryland.cli.table import table
    from dryland.state.work import name_of

    rows = [_row(name_of(each.scope), "at work", each.writer) for each in found.holding]
    rows += [_row(name_of(each.scope), "waits", each) for each in found.waiting]
    if not rows:
        return ["nobody is at work"]
    return table(["on", "", "verb", "who", "pid", "run", "since (UTC)", "heard of"], rows)


def _row(name: str, how: str, writer: Any) -> list[Any]:
    since, heard = writer.since.isoformat(" ", "seconds"), f"{max(writer.heard_s, 0.0):.0f} s ago"
    return [name, how, writer.verb, writer.who, writer.pid, writer.run_id, since, heard]


def _runs(found: Any) -> list[str]:
    from dryland.cli.table import table
    from dryland.release.at_work import said_of

    rows = []
    for each in found.runs:
        run = each.run
        took = f"{(run.finished_at - run.started_at).total_seconds():.2f} s" if run.finished_at else ""
        began = run.started_at.isoformat(" ", "seconds")
        rows.append([run.id, run.verb, run.environment, each.status, began, took, each.who, said_of(run)])
    return table(["run", "verb", "on", "status", "began (UTC)", "took", "who", ""], rows)
