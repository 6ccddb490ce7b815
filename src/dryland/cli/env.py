"""`dryland env`: environments."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from dryland.cli.options import confirm, json_option, wait_option, with_platform


@click.group(help="List, create, show and drop environments.")
def env() -> None:
    """Environments."""


@env.command("list", help="All environments and the releases they show.")
@json_option
@with_platform
def list_(platform: Any, as_json: bool) -> None:
    """List."""
    from dryland.cli.table import table

    found = platform.environments()
    if as_json:
        rows = [
            {
                "name": e.name,
                "live_release": e.live_release,
                "base": e.base,
                "purpose": e.purpose,
                "created_at": e.created_at.isoformat(),
            }
            for e in found
        ]
        click.echo(json.dumps({"environments": rows}, indent=2))
        return
    body = [[e.name, e.live_release, e.base, e.purpose, e.created_at.isoformat(" ", "seconds")] for e in found]
    for line in table(["environment", "release", "from", "purpose", "created"], body):
        click.echo(line)


@env.command(help="Create NAME as a copy of another environment's pointers; no data is copied.")
@click.argument("name")
@click.option("--from", "base", default="", help="The environment to start from; the default one (prod) unless told.")
@wait_option
@json_option
@with_platform
def create(platform: Any, name: str, base: str, as_json: bool) -> None:
    """Create."""
    platform.ready()
    began = time.monotonic()
    made = platform.create_environment(name, base)
    if as_json:
        click.echo(json.dumps({"name": made.name, "base": made.base, "live_release": made.live_release}))
        return
    count = len(platform.pointers(name))
    click.echo(
        f"{name} shows the {count} relations of {made.base}; nothing was copied ({time.monotonic() - began:.2f} s)."
    )


@env.command(help="Show where NAME stands.")
@click.argument("name")
@json_option
@with_platform
def show(platform: Any, name: str, as_json: bool) -> None:
    """Show."""
    from dryland.cli.table import table

    pointers = platform.pointers(name)
    rows = [
        [
            platform.project.name_of(node),
            ".".join(pointer.published[1:]),
            pointer.build_key,
            pointer.stale_since and "stale",
        ]
        for node, pointer in sorted(pointers.items())
    ]
    if as_json:
        keys = ("name", "published", "build", "state")
        click.echo(
            json.dumps({"environment": name, "nodes": [dict(zip(keys, row, strict=True)) for row in rows]}, indent=2)
        )
        return
    for line in table(["node", "published", "build", ""], rows):
        click.echo(line)


@env.command(help="Drop NAME: its views and pointers; builds stay until gc.")
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@wait_option
@json_option
@with_platform
def drop(platform: Any, name: str, yes: bool, as_json: bool) -> None:
    """Drop."""
    confirm(f"Drop the environment {name}?", yes)
    platform.drop_environment(name)
    click.echo(json.dumps({"dropped": name}) if as_json else f"{name} is gone.")
