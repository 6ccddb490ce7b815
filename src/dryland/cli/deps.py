"""`dryland deps`: install the packages that the project lists."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from dryland.cli.options import also, json_option, variables_of


@click.command(help="Install the packages that packages.yml or dependencies.yml lists, and what those need.")
@click.option(
    "-C", "--project-dir", default=".", type=click.Path(path_type=Path), envvar=also("PROJECT_DIR"),
    help="The dbt project's folder.",
)  # fmt: skip
@click.option("--vars", "variables", default="", help="Values for var(), as YAML or JSON.")
@click.option("--upgrade", is_flag=True, help="Choose versions anew, whatever package-lock.yml says.")
@click.option("--lock", "only_lock", is_flag=True, help="Write package-lock.yml, and install nothing.")
@click.option("--add-package", "added", metavar="NAME@VERSION", default="", help="List a package of the hub first.")
@click.option("-q", "--quiet", is_flag=True, envvar=also("QUIET"), help="No progress.")
@click.option("--no-color", is_flag=True, expose_value=False, help="No colour, even on a terminal (also NO_COLOR).")
@json_option
def deps(
    project_dir: Path, variables: str, upgrade: bool, only_lock: bool, added: str, quiet: bool, as_json: bool
) -> None:
    """Install."""
    from dryland.project.deps.add import with_package
    from dryland.project.deps.install import Request, install

    say = (lambda text: None) if quiet or as_json else (lambda text: click.echo(text, err=True))
    with with_package(project_dir, added):
        done = install(
            project_dir, Request(upgrade, only_lock, say), variables=variables_of(variables), environment=os.environ
        )
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(_as_json(done), indent=2))
    else:
        _tell(done, project_dir)


def _tell(done: Any, project_dir: Path) -> None:
    if not done.packages:
        click.echo("Nothing to install: the project lists no packages.")
        return
    for package in done.packages:
        click.echo(f"  {package.shown}")
    for name in done.removed:
        click.echo(f"  {name} removed: nothing lists it")
    settled = "as package-lock.yml says" if done.is_from_lock else "package-lock.yml is written"
    verb = "Locked" if done.is_only_locked else "Installed"
    where = "" if done.is_only_locked else f" into {os.path.relpath(done.folder, project_dir.resolve())}"
    count = len(done.packages)
    click.echo(f"{verb} {count} package{'s' if count > 1 else ''}{where}; {settled}.")


def _as_json(done: Any) -> dict[str, Any]:
    return {
        "packages": [
            {"name": each.name, "kind": each.wanted.kind, "from": str(each.wanted), "version": each.version}
            for each in done.packages
        ],
        "folder": str(done.folder),
        "installed": bool(done.packages) and not done.is_only_locked,
        "from_lock": done.is_from_lock,
        "removed": list(done.removed),
        "notes": list(done.notes),
    }
