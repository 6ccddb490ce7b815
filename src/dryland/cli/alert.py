"""`dryland alert`: who was told of what, and what is on its way."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import json_option, with_platform


@click.group(help="Send what is due, try a route, and see what was delivered.")
def alert() -> None:
    """Alerts."""


@alert.command(help="Send a test message along ROUTE, to each of its channels.")
@click.argument("route")
@json_option
@with_platform
def test(platform: Any, route: str, as_json: bool) -> None:
    """Try a route; exit 3 when a message did not go out."""
    _tell(platform.test_alert(route), as_json)


@alert.command(help="Send every message that is due: digests, reminders, and what is tried again.")
@json_option
@with_platform
def send(platform: Any, as_json: bool) -> None:
    """Send; exit 3 when a message did not go out."""
    _tell(platform.send_alerts(), as_json)


@alert.command("list", help="The newest messages, and what came of each.")
@click.option(
    "--status", type=click.Choice(["waiting", "sending", "sent", "failed", "dropped"]), help="Only those that are so."
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Messages at most.")
@json_option
@with_platform
def list_(platform: Any, status: str | None, limit: int, as_json: bool) -> None:
    """List."""
    from dryland.cli.table import table
    from dryland.watch.plain import delivery_json

    found = platform.deliveries(status=status or "", limit=limit)
    if as_json:
        click.echo(json.dumps({"deliveries": [delivery_json(each) for each in found]}, indent=2))
        return
    if not found:
        click.echo("nobody was alerted of anything")
        return
    rows = [
        [each.id, each.incident, each.event, each.route, each.channel, each.status,
         (each.sent_at or each.due_at).isoformat(" ", "seconds"), each.attempts, each.error]
        for each in found
    ]  # fmt: skip
    head = ["message", "incident", "event", "route", "channel", "status", "sent or due (UTC)", "attempts", "error"]
    for line in table(head, rows):
        click.echo(line)


def _tell(sent: Any, as_json: bool) -> None:
    if as_json:
        rows = [
            {"route": each.route, "channel": each.channel, "deliveries": list(each.deliveries),
             "status": each.status, "error": each.error, "subject": each.subject}
            for each in sent
        ]  # fmt: skip
        click.echo(json.dumps({"sent": rows}, indent=2))
    else:
        for each in sent:
            click.echo(str(each))
        if not sent:
            click.echo("nothing is due")
    if any(each.status != "sent" for each in sent):
        click.get_current_context().exit(3)
