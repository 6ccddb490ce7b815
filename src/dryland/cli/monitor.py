"""`dryland monitor`: what is watched, what is unusual, what would have been told, and what people say of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, select_options, with_platform

since_option = click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="From this day on; 90 days unless told."
)


@click.group(help="Watch datasets by their history: what is unusual, and what would have been.")
def monitor() -> None:
    """The words below."""


@monitor.command("list", help="What is watched: the last value, what is usual, and whether that is known yet.")
@environment_option
@select_options
@json_option
@with_platform
def list_(platform: Any, choice: Any, environment: str, as_json: bool) -> None:
    """One line for each monitor."""
    from dryland.cli.show_monitors import judged_rows
    from dryland.cli.table import table
    from dryland.watch.plain import judged_json

    found = platform.monitors(environment, select=choice)
    if as_json:
        click.echo(json.dumps({"monitors": [judged_json(each) for each in found]}, indent=2))
    elif not found:
        click.echo("nothing was seen yet: each apply, run and `dryland monitor run` looks")
    else:
        head = ["dataset", "monitor", "last value", "usual", "state"]
        for line in table(head, judged_rows(found, platform.project)):
            click.echo(line)


@monitor.command("run", help="Measure sources without a build, and say what is unusual; exit 1 for what is an error.")
@environment_option
@select_options
@json_option
@with_platform
def run(platform: Any, choice: Any, environment: str, as_json: bool) -> None:
    """As a scheduler calls it every hour."""
    from dryland.cli.show_monitors import finding_json, finding_line

    found, sources, told = platform.run_monitors(environment, select=choice)
    for sentence in told:
        click.echo(sentence, err=True)
    if as_json:
        click.echo(json.dumps({"sources": sources, "findings": [finding_json(each) for each in found]}, indent=2))
    else:
        for each in found:
            click.echo(finding_line(each))
        measured = f"{sources} source{'s' if sources != 1 else ''} measured"
        click.echo(f"{measured}: {f'{len(found)} unusual' if found else 'nothing unusual'}")
    if any(each.severity == "error" for each in found):
        click.get_current_context().exit(1)


@monitor.command("backtest", help="What would have been told over the history, and how often: before switching on.")
@click.option("-m", "--monitor", "monitors", multiple=True, help="Only these: volume, nulls:email.")
@since_option
@environment_option
@select_options
@json_option
@with_platform
def backtest(
    platform: Any, choice: Any, environment: str, as_json: bool, since: datetime | None, monitors: tuple[str, ...]
) -> None:  # fmt: skip
    """What was told, dataset by dataset, and how often that is."""
    from dryland.cli.show_monitors import backtest_json, backtest_lines

    found = platform.backtest(environment, since=since, select=choice, monitors=monitors)
    if as_json:
        click.echo(json.dumps(backtest_json(found, platform.project), indent=2))
        return
    for line in backtest_lines(found, platform.project):
        click.echo(line)


@monitor.command("alerts", help="What monitors told, the newest first, and what people said of it.")
@since_option
@environment_option
@json_option
@with_platform
def alerts(platform: Any, environment: str, as_json: bool, since: datetime | None) -> None:
    """With the ids that `feedback` takes."""
    from dryland.cli.table import table
    from dryland.watch.plain import alert_json

    found = platform.alerts(environment, since=since)
    if as_json:
        click.echo(json.dumps({"alerts": [alert_json(each) for each in found]}, indent=2))
    elif not found:
        click.echo("nothing was told")
    else:
        rows = [
            [each.id, each.at.isoformat(" ", "seconds"), each.monitor, each.feedback, each.body.get("message")]
            for each in found
        ]  # fmt: skip
        for line in table(["alert", "at (UTC)", "monitor", "feedback", ""], rows, cell_max=120):
            click.echo(line)


@monitor.command("feedback", help="Say that an alert was expected, or is no issue: its value counts as normal then.")
@click.argument("alert")
@click.argument("word", metavar="WORD", type=click.Choice(["expected", "not-an-issue"]))
@json_option
@with_platform
def feedback(platform: Any, alert: str, word: Any, as_json: bool) -> None:
    """By the id, or its beginning."""
    from dryland.watch.plain import alert_json

    found = platform.say_of_alert(alert, word)
    if as_json:
        click.echo(json.dumps(alert_json(found), indent=2))
        return
    name = platform.project.name_of(found.dataset)
    click.echo(f"{found.monitor} of {name} at {found.at.isoformat(' ', 'seconds')} is {word.replace('-', ' ')}")
