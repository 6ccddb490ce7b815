"""`dryland version`: what is installed."""

from __future__ import annotations

import json
import platform as python_platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import click

import dryland
from dryland.cli.options import json_option

PARTS = ("duckdb", "sqlglot", "sqlalchemy", "dlt")


@click.command(help="Print the versions of Dryland and its engines.")
@json_option
def version(as_json: bool) -> None:
    """Print."""
    found = {"dryland": dryland.__version__, "python": python_platform.python_version()}
    for name in PARTS:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            continue
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, number in found.items():
        click.echo(f"{name} {number}")
