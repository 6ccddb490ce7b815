"""`dryland artifacts`: the files that dbt's tools read."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform


@click.command(help="Write dbt's manifest.json and catalog.json, and the compiled SQL; build and publish nothing.")
@environment_option
@json_option
@with_platform
def artifacts(platform: Any, environment: str, as_json: bool) -> None:
    """Write and say where."""
    paths = [os.path.relpath(path, platform.project.root) for path in platform.write_artifacts(environment)]
    if as_json:
        click.echo(json.dumps({"written": paths}))
        return
    for path in paths:
        click.echo(f"wrote {path}")
