"""`dryland apply`: release code, all or nothing."""

from __future__ import annotations

from typing import Any

import click

from dryland.cli.event_time import window_options
from dryland.cli.options import (
    environment_option,
    json_option,
    release_options,
    select_options,
    wait_option,
    with_platform,
)


@click.command(help="Release the project: build aside, check, publish all or nothing.")
@environment_option
@select_options
@release_options
@window_options
@wait_option
@json_option
@click.option("--adopt", is_flag=True, help="Take over tables and views that stand in the way.")
@with_platform
def apply(
    platform: Any, environment: str, choice: Any, yes: bool, full_refresh: bool,
    message: str, quiet: bool, window: Any, as_json: bool, adopt: bool,
) -> None:  # fmt: skip
    """Release code."""
    from dryland.cli.releasing import release

    release(
        platform, "apply", environment, choice, yes=yes, full_refresh=full_refresh, window=window, message=message,
        as_json=as_json, adopt=adopt,
    )  # fmt: skip
