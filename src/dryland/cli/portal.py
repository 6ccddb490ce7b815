"""`dryland portal`: pages for everybody who looks at data."""

from __future__ import annotations

import importlib.util
import signal
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dryland.cli.options import project_options, variables_of
from dryland.errors import UsageError

if TYPE_CHECKING:
    from dryland.build.progress import Progress
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

    def opened(progress: Progress | None) -> Platform:
        return Platform.open(
            project_dir, target=target, profiles_dir=profiles_dir, variables=variables_of(variables), threads=threads,
            warehouse=warehouse, progress=progress,
        )  # fmt: skip

    def told(platform: Platform, address: str) -> None:
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


def serve_folder(root: Path, told: Callable[[Platform, str], None]) -> None:
    """Serve the project in `root` to whoever sits here, until Ctrl-C or until the terminal is closed."""
    from dryland.platform import Platform
    from dryland.portal.door.reach import Reach

    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.default_int_handler)  # a terminal that is closed ends it as Ctrl-C does
    serve_project(lambda progress: Platform.open(root, progress=progress), lambda platform: Reach(), told)


def serve_project(
    opened: Callable[[Progress | None], Platform], reach_of: Callable[[Platform], Reach],
    told: Callable[[Platform, str], None],
) -> None:  # fmt: skip
    """Serve until Ctrl-C; `opened` opens the project, `told` is given it and its address."""
    from dryland.portal.serve import Telling, desk_for, serve

    with opened(None) as platform:
        reach = reach_of(platform)
        desk = desk_for(platform, lambda tell: opened(Telling(tell)), reach=reach)
        desk.library.current(desk.library.default_environment)
        serve(desk, reach, lambda address: told(platform, address))
