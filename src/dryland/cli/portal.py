"""`dryland portal`: pages for everybody who looks at data."""

from __future__ import annotations

import importlib.util
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dryland.cli.options import project_options, variables_of
from dryland.errors import UsageError

if TYPE_CHECKING:
    from dryland.platform import Platform
    from dryland.portal.door.reach import Reach

FILE = click.Path(path_type=Path, dir_okay=False)
NEEDS = ("fastapi", "uvicorn")


@click.command(help="Serve the portal: everything about the data as pages, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 8765, or any that is free, unless told.")
@click.option("--open", "opens", is_flag=True, help="Show it in a browser.")
@click.option("--sign-in", is_flag=True, help="Have people sign in, also on this machine.")
@click.option("--name", "names", multiple=True, help="A name that others call it by; they sign in.")
@click.option("--certificate", type=FILE, help="A PEM file, to speak https.")
@click.option("--key", type=FILE, help="The certificate's key.")
@click.option("--behind-proxy", "proxies", multiple=True, metavar="ADDRESS", help="A proxy that speaks https for it.")
@click.option("--plain-http", is_flag=True, help="Sign in without https: others on the way can read passwords.")
@project_options
def portal(
    host: str, port: int | None, opens: bool, sign_in: bool, names: tuple[str, ...], certificate: Path | None,
    key: Path | None, proxies: tuple[str, ...], plain_http: bool, project_dir: Path, profiles_dir: Path | None,
    target: str | None, variables: str, threads: int | None, warehouse: str,
) -> None:  # fmt: skip
    """Serve."""
    missing = missing_for_portal()
    if missing:
        raise UsageError(
            f"the portal needs {', '.join(missing)}, which this Python does not have.",
            hint="pip install 'dryland[portal]'",
        )
    from dryland.platform import Platform
    from dryland.portal.door.reach import Reach
    from dryland.portal.serve import Telling

    def opened(tell: Callable[[Any], None] | None = None) -> Platform:
        return Platform.open(
            project_dir, target=target, profiles_dir=profiles_dir, variables=variables_of(variables), threads=threads,
            warehouse=warehouse, progress=Telling(tell) if tell else None,
        )  # fmt: skip

    def told(address: str) -> None:
        click.echo(f"the portal is at {address}  (Ctrl-C stops it)")
        if opens:
            webbrowser.open(address)

    def reach_of(platform: Platform) -> Reach:
        wants_sign_in = sign_in or platform.written.settings.access.sign_in
        return Reach(host, port, names, certificate, key, proxies, wants_sign_in, plain_http)

    serve_project(opened, reach_of, told)


def missing_for_portal() -> list[str]:
    """What has to be installed before it can be served."""
    return [name for name in NEEDS if importlib.util.find_spec(name) is None]


def serve_project(
    opened: Callable[..., Platform], reach_of: Callable[[Platform], Reach], told: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C; `opened` opens the project, `told` is given the address."""
    from dryland.portal.serve import desk_for, serve

    with opened() as platform:
        reach = reach_of(platform)
        desk = desk_for(platform, opened, reach=reach)
        desk.library.current(desk.library.default_environment)
        serve(desk, reach, told)
