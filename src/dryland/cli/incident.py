"""`dryland incident`: what broke, who is hit, since when, what probably did it, and what to do."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import json_option, with_platform


@click.group(help="See what broke, who is hit and what to do; acknowledge, assign, resolve.")
def incident() -> None:
    """Incidents."""


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
        for line in incident_table(found, platform.project):
            click.echo(line)


@incident.command(help="Show incident ID: what broke, who is hit, since when, what probably did it, what to do.")
@click.argument("id", type=int)
@json_option
@with_platform
def show(platform: Any, id: int, as_json: bool) -> None:  # noqa: A002
    """Show."""
    from dryland.cli.show_incident import incident_lines

    found, events = platform.incident(id)
    if as_json:
        click.echo(json.dumps(platform.incident_details(found, events), indent=2, default=str))
        return
    for line in incident_lines(found, events, platform.project):
        click.echo(line)


@incident.command(help="Say that somebody looks after incident ID: no reminders are sent any more.")
@click.argument("id", type=int)
@click.option("-m", "--message", default="", help="Kept with it.")
@json_option
@with_platform
def ack(platform: Any, id: int, message: str, as_json: bool) -> None:  # noqa: A002
    """Acknowledge."""
    _tell(platform, platform.act(id, "acknowledged", message), "acknowledged", as_json)


@incident.command(help="Give incident ID to WHO.")
@click.argument("id", type=int)
@click.argument("who")
@json_option
@with_platform
def assign(platform: Any, id: int, who: str, as_json: bool) -> None:  # noqa: A002
    """Assign."""
    _tell(platform, platform.act(id, "assigned", who), f"assigned to {who}", as_json)


@incident.command(help="Write TEXT into the history of incident ID.")
@click.argument("id", type=int)
@click.argument("text")
@json_option
@with_platform
def comment(platform: Any, id: int, text: str, as_json: bool) -> None:  # noqa: A002
    """Comment."""
    _tell(platform, platform.act(id, "commented", text), "commented", as_json)


@incident.command(help="Say that incident ID is over; it comes back when it is seen again.")
@click.argument("id", type=int)
@click.option("-m", "--message", default="", help="Kept with it.")
@json_option
@with_platform
def resolve(platform: Any, id: int, message: str, as_json: bool) -> None:  # noqa: A002
    """Resolve."""
    _tell(platform, platform.act(id, "resolved", message), "resolved", as_json)


@incident.command(help="Say that incident ID is not over.")
@click.argument("id", type=int)
@click.option("-m", "--message", default="", help="Kept with it.")
@json_option
@with_platform
def reopen(platform: Any, id: int, message: str, as_json: bool) -> None:  # noqa: A002
    """Reopen."""
    _tell(platform, platform.act(id, "reopened", message), "reopened", as_json)


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
    from dryland.cli.show_incident import mute_json, mute_table
    from dryland.clock import utc_now
    from dryland.errors import UsageError
    from dryland.responding import parse_until

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


def _tell(platform: Any, found: Any, happened: str, as_json: bool) -> None:
    from dryland.watch.telling import told

    if as_json:
        click.echo(json.dumps(told(found, platform.project), indent=2))
        return
    click.echo(f"incident {found.id} {happened}: {found.title}")
    for sentence in platform.alerts_sent:
        click.echo(f"  {sentence}")
