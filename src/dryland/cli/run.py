"""`dryland run`: refresh data, last good per node."""

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


@click.command(help="Refresh data with the code that is live.")
@environment_option
@select_options
@release_options
@window_options
@wait_option
@json_option
@with_platform
def run(
    platform: Any, environment: str, choice: Any, yes: bool, full_refresh: bool,
    message: str, quiet: bool, window: Any, as_json: bool,
) -> None:  # fmt: skip
    """Refresh data."""
    from dryland.cli.releasing import release

    release(
        platform, "run", environment, choice, yes=yes, full_refresh=full_refresh, window=window, message=message,
        as_json=as_json,
    )  # fmt: skip
