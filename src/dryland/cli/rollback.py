"""`dryland rollback`: an older release again."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from dryland.cli.options import confirm, environment_option, json_option, wait_option, with_platform


@click.command(help="Bring readers back to RELEASE, or to the one before the live one.")
@click.argument("release", type=int, required=False)
@environment_option
@wait_option
@json_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@with_platform
def rollback(platform: Any, release: int | None, environment: str, as_json: bool, yes: bool) -> None:
    """Swap back."""
    from dryland.release.details import release_json

    name = environment or platform.project.settings.default_environment
    confirm(f"Roll {name} back to {f'release {release}' if release else 'the release before'}?", yes)
    platform.ready()
    began = time.monotonic()
    done = platform.rollback(environment, release)
    if as_json:
        click.echo(json.dumps(release_json(done), indent=2))
        return
    spent_s = time.monotonic() - began
    shown = done.summary["rolled_back_to"]
    _tell(platform, done, spent_s, shown)


def _tell(platform: Any, done: Any, spent_s: float, shown: Any) -> None:
    click.echo(f"{done.environment} shows release {shown} again, as release {done.id} ({spent_s:.2f} s).")
    if platform.incidents_noted:
        from dryland.cli.show_incident import noted_lines

        for line in (*noted_lines(platform.incidents_noted), *(f"  {each}" for each in platform.alerts_sent)):
            click.echo(line)
