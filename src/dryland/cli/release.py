"""`dryland release`: releases."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform


@click.group(help="List and show releases.")
def release() -> None:
    """Releases."""


@release.command("list", help="The newest releases of an environment.")
@environment_option
@json_option
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Releases at most.")
@with_platform
def list_(platform: Any, environment: str, as_json: bool, limit: int) -> None:
    """List."""
    from dryland.cli.table import table
    from dryland.release.details import release_json

    found = platform.releases(environment, limit=limit)
    if as_json:
        click.echo(json.dumps({"releases": [release_json(each) for each in found]}, indent=2))
        return
    rows = [
        [r.id, r.kind, r.status, r.created_at.isoformat(" ", "seconds"), r.author, r.git_commit[:9], r.message]
        for r in found
    ]
    for line in table(["release", "kind", "status", "created", "author", "commit", "message"], rows):
        click.echo(line)


@release.command(help="Show release ID, or the live one: what became of each node.")
@click.argument("id", type=int, required=False)
@environment_option
@json_option
@with_platform
def show(platform: Any, id: int | None, environment: str, as_json: bool) -> None:  # noqa: A002
    """Show."""
    from dryland.cli.table import table

    details = platform.release_details(id, environment)
    if as_json:
        click.echo(json.dumps(details, indent=2, default=str))
        return
    head = details["release"]
    title = f"release {head['id']} of {head['environment']}"
    click.echo(
        click.style(title, bold=True) + f"  {head['kind']}, {head['status']}, {head['created_at']}, {head['author']}"
    )
    if head["message"]:
        click.echo(head["message"])
    click.echo(f"{len(details['pointers'])} relations")
    rows = [
        [platform.project.name_of(s["node"]), s["action"], s["status"], s["rows"], f"{s['duration_s']:.2f} s"]
        for s in details["steps"]
    ]
    if rows:
        for line in table(["node", "action", "status", "rows", "took"], rows):
            click.echo(line)
