"""`dryland init`: start here."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dryland.cli.options import json_option


@click.command(help="Start a project in FOLDER, or add dryland.yml to the dbt project there.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--name", help="The project's name; the folder's unless told.")
@json_option
def init(folder: Path, name: str | None, as_json: bool) -> None:
    """Write what is missing; never change what is there."""
    from dryland.project.scaffold import scaffold

    written = scaffold(folder, name or folder.resolve().name)
    if as_json:
        click.echo(json.dumps({"wrote": [str(path) for path in written]}))
        return
    for path in written:
        click.echo(f"wrote {path}")
    if not written:
        click.echo("Everything is there already.")
    click.echo("next: dryland plan" if folder.resolve() == Path.cwd() else f"next: cd {folder} && dryland plan")
