"""`dryland portal`: pages for everybody who looks at data."""

from __future__ import annotations

import importlib.util
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dryland.cli.options import project_options, variables_of
from dryland.errors import UsageError

NEEDS = ("fastapi", "uvicorn")


@click.command(help="Serve the portal: catalogue, lineage, releases and runs as pages, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 8765, or any that is free, unless told.")
@click.option("--open", "opens", is_flag=True, help="Show it in a browser.")
@project_options
def portal(
    host: str, port: int | None, opens: bool, project_dir: Path, profiles_dir: Path | None, target: str | None,
    variables: str, threads: int | None, warehouse: str,
) -> None:  # fmt: skip
    """Serve."""
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the portal needs {', '.join(missing)}, which this Python does not have.",
            hint="pip install 'dryland[portal]'",
        )
    from dryland.platform import Platform
    from dryland.portal.serve import Telling, desk_for, serve

    def opened(tell: Callable[[Any], None] | None = None) -> Platform:
        return Platform.open(
            project_dir, target=target, profiles_dir=profiles_dir, variables=variables_of(variables), threads=threads,
            warehouse=warehouse, progress=Telling(tell) if tell else None,
        )  # fmt: skip

    def told(address: str) -> None:
        click.echo(f"the portal is at {address}  (Ctrl-C stops it)")
        if opens:
            webbrowser.open(address)

    with opened() as platform:
        desk = desk_for(platform, opened)
        desk.library.current(desk.library.default_environment)
        serve(desk, host, port, told)
