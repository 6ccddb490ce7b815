"""`dryland incident`: what broke, who is hit, since when, what probably did it, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from dryland.cli.options import json_option, with_platform


@click.group(help="See what broke, who is hit and what to do; acknowledge, assign, resolve.")
def incident() -> None:
    """Incidents."""


def _of_one(name: str, about: str) -> Callable[[Callable[..., Any]], click.Command]:
    """What every word about one incident has: its number, and JSON for machines."""

    def decorated(function: Callable[..., Any]) -> click.Command:
        numbered = click.argument("number", metavar="ID", type=int)
        return incident.command(name, help=about)(numbered(json_option(with_platform(function))))

    return decorated


message_option = click.option("-m", "--message", default="", help="Kept with it.")


@incident.command("list", help="The newest incidents.")
@click.option("-e", "--env", "environment", default="", help="Of this environment; of all unless told.")
@click.option("--open", "is_open", is_flag=True, help="Only those that are not resolved.")
@click.option("--owner", default="", help="Only those of this owner or assignee.")
@click.option("--severity", type=click.Choice(["warn", "error"]), help="Only those of this severity.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Incidents at most.")
@json_option
@with_platform
def list_(
    platform: Any, environment: str, is_open: bool, owner: str, severity: str | None, limit: int, as_json: bool
) -> None:
    """List."""
    from dryland.cli.show_incident import incident_table
    from dryland.watch.telling import told

    found = platform.incidents(environment, is_open=is_open, owner=owner, severity=severity or "", limit=limit)
    if as_json:
        click.echo(json.dumps({"incidents": [told(each, platform.project) for each in found]}, indent=2))
    elif not found:
        click.echo("no open incidents" if is_open else "no incidents")
    else:
        for line in incident_table(found):
            click.echo(line)


@_of_one("show", "Show incident ID: what broke, who is hit, since when, what probably did it, what to do.")
def show(platform: Any, number: int, as_json: bool) -> None:
    """Show."""
    from dryland.cli.show_incident import incident_lines

    found, events = platform.incident(number)
    if as_json:
        click.echo(json.dumps(platform.incident_details(found, events), indent=2, default=str))
        return
    for line in incident_lines(found, events, platform.project):
        click.echo(line)


@_of_one("ack", "Say that somebody looks after incident ID: no reminders are sent any more.")
@message_option
def ack(platform: Any, number: int, message: str, as_json: bool) -> None:
    """Acknowledge."""
    _act(platform, number, "acknowledged", message, as_json)


@_of_one("assign", "Give incident ID to WHO.")
@click.argument("who")
def assign(platform: Any, number: int, who: str, as_json: bool) -> None:
    """Assign."""
    _act(platform, number, "assigned", who, as_json, told=f"assigned to {who}")


@_of_one("comment", "Write TEXT into the history of incident ID.")
@click.argument("text")
def comment(platform: Any, number: int, text: str, as_json: bool) -> None:
    """Comment."""
    _act(platform, number, "commented", text, as_json)


@_of_one("resolve", "Say that incident ID is over; it comes back when it is seen again.")
@message_option
def resolve(platform: Any, number: int, message: str, as_json: bool) -> None:
    """Resolve."""
    _act(platform, number, "resolved", message, as_json)


@_of_one("reopen", "Say that incident ID is not over.")
@message_option
def reopen(platform: Any, number: int, message: str, as_json: bool) -> None:
    """Reopen."""
    _act(platform, number, "reopened", message, as_json)


@incident.command(help="Alert nobody of what SELECTOR chooses, for a while: a window of maintenance.")
@click.argument("selector", required=False)
@click.option("--for", "--until", "until", default="2h", show_default=True, help="How long, or until when (UTC).")
@click.option("-e", "--env", "environment", default="", help="In this environment; in all unless told.")
@click.option("-m", "--message", default="", help="Why.")
@click.option("--list", "is_listed", is_flag=True, help="List the windows that have not ended.")
@click.option("--end", type=int, help="End this window now.")
@json_option
@with_platform
def mute(
    platform: Any, selector: str | None, until: str, environment: str, message: str, is_listed: bool,
    end: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Mute."""
    from dryland.cli.show_incident import mute_table
    from dryland.clock import utc_now
    from dryland.errors import UsageError
    from dryland.responding import parse_until
    from dryland.watch.plain import mute_json

    if end is not None:
        platform.unmute(end)
        click.echo(json.dumps({"ended": end}) if as_json else f"mute {end} ended")
    elif selector:
        made = platform.mute(selector, parse_until(until, utc_now()), environment=environment, reason=message)
        said = f"mute {made.id}: nobody is alerted of {selector} until {made.until:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(json.dumps(mute_json(made), indent=2) if as_json else said)
    elif is_listed:
        found = platform.mutes()
        if as_json:
            click.echo(json.dumps({"mutes": [mute_json(each) for each in found]}, indent=2))
            return
        for line in mute_table(found) if found else ["nothing is muted"]:
            click.echo(line)
    else:
        raise UsageError("what is to be muted?", hint="dryland incident mute tag:daily --for 2h, or --list")


def _act(platform: Any, number: int, kind: str, message: str, as_json: bool, *, told: str = "") -> None:
    """Do it, and say so."""
    from dryland.watch.telling import told as as_data

    found = platform.act(number, kind, message)
    if as_json:
        click.echo(json.dumps(as_data(found, platform.project), indent=2))
        return
    click.echo(f"incident {found.id} {told or kind}: {found.title}")
    for sentence in platform.alerts_sent:
        click.echo(f"  {sentence}")
