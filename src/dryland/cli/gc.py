"""`dryland gc`: drop what nothing needs."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import confirm, json_option, wait_option, with_platform


@click.command(help="Forget releases beyond retention, and drop builds that nothing needs any more.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--removed", is_flag=True, help="Also the last rows of snapshots and incremental models that left the project."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@wait_option
@json_option
@with_platform
def gc(platform: Any, dry_run: bool, removed: bool, yes: bool, as_json: bool) -> None:
    """Collect."""
    if not dry_run:
        confirm("Forget releases beyond retention, and drop builds that nothing needs?", yes)
    found = platform.gc(dry_run=dry_run, removed=removed)
    if as_json:
        click.echo(
            json.dumps({"relations": list(found.relations), "releases": list(found.releases), "dry_run": dry_run})
        )
        return
    word = "would drop" if dry_run else "dropped"
    click.echo(f"{word} {len(found.relations)} builds and {len(found.releases)} releases beyond retention")
    for name in found.relations:
        click.echo(f"  {name}")
