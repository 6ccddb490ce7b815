"""`dryland contract`: data contracts, and what they promise."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, project_options, with_platform

COLOURS = {"breaking": "red", "non-breaking": "green", "documentation": "cyan"}
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(help="Lint, import, export and compare data contracts.")
def contract() -> None:
    """Contracts."""


@contract.command(help="Tell everything that is wrong with contracts: those in FILE, or all of the project.")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=FILE)
@project_options
@json_option
def lint(files: tuple[Path, ...], project_dir: Path, as_json: bool, **options: Any) -> None:
    """Lint."""
    from dryland.project.odcs.lint import lint_files, lint_project

    found = lint_files(files) if files else lint_project(project_dir, lambda: _project(project_dir, options).warnings)
    count = sum(not each.is_advice for each in found)
    if as_json:
        click.echo(json.dumps({"problems": [_problem(each) for each in found], "errors": count}, indent=2))
    else:
        _show_problems(found)
        click.echo(f"{count} to mend, {len(found) - count} to know" if found else "nothing to mend")
    if count:
        click.get_current_context().exit(1)


@contract.command("export", help="Write a contract for MODEL: what its YAML, its columns and its checks promise.")
@click.argument("model")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; stdout unless told.")
@json_option
@with_platform
def export(platform: Any, model: str, output: Path | None, as_json: bool) -> None:
    """Export."""
    text = platform.exported_contract(model)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    if as_json:
        click.echo(json.dumps({"contract": text, "written": str(output) if output else None}))
    else:
        click.echo(f"wrote {output}" if output else text, nl=output is not None)


@contract.command("import", help="Take the contract in FILE into the project and hold its models to it.")
@click.argument("file", type=FILE)
@click.option("--model", default="", help="The model that it is about, where it has another name there.")
@click.option("--as-dbt", is_flag=True, help="Write dbt's own YAML instead: columns, types, constraints, tests.")
@project_options
@json_option
def import_(file: Path, model: str, as_dbt: bool, project_dir: Path, as_json: bool, **options: Any) -> None:
    """Import; nothing is left behind, and the exit code is 1, when the project does not fit."""
    from dryland.project.odcs.take_in import put_in, taken_as_dbt, taken_in

    project = _project(project_dir, options)
    take = taken_as_dbt if as_dbt else taken_in
    taken = take(project, file, model)
    found = put_in(project.root, taken, lambda: _project(project_dir, options).warnings)
    is_wrong = any(not each.is_advice for each in found)
    if as_json:
        problems = [_problem(each) for each in found]
        written = None if is_wrong else taken.place
        click.echo(json.dumps({"written": written, "left_out": list(taken.lost), "problems": problems}, indent=2))
    else:
        click.echo("nothing was written" if is_wrong else f"wrote {taken.place}")
        for what in taken.lost:
            click.echo(f"left out, for dbt has no word for it: {what}", err=True)
        _show_problems(found)
    if is_wrong:
        click.get_current_context().exit(1)


@contract.command(help="Say what differs between two contract files, or between a file and what is released.")
@click.argument("old", metavar="OLD", type=FILE)
@click.argument("new", metavar="[NEW]", type=FILE, required=False)
@environment_option
@json_option
@with_platform
def diff(platform: Any, old: Path, new: Path | None, environment: str, as_json: bool) -> None:
    """Diff."""
    from dryland.plan.contract_diff import contract_diff, diff_to_released
    from dryland.project.odcs.read import the_contract

    dialect = platform.project.warehouse.type
    if new is None:
        found = diff_to_released(platform.promises(environment), the_contract(old), platform.project)
    else:
        found = contract_diff(the_contract(old), the_contract(new), dialect)
    _show_diff(found, as_json)
    if found.is_breaking and not found.is_raised:
        click.get_current_context().exit(1)


def _project(project_dir: Path, options: dict[str, Any]) -> Any:
    """The project as it is in the files now."""
    from dryland.cli.options import open_platform

    with open_platform(project_dir, **options, quiet=True) as platform:
        return platform.project


def _problem(each: Any) -> dict[str, Any]:
    kind = "advice" if each.is_advice else "error"
    return {"kind": kind, "path": each.place.path, "line": each.place.line, "message": each.message, "hint": each.hint}


def _show_problems(found: Iterable[Any]) -> None:
    from dryland.cli.visible import visible

    for each in found:
        word = click.style("note: ", fg="cyan") if each.is_advice else click.style("error: ", fg="red")
        where = f"{each.place.path}:{each.place.line}: " if each.place.path else ""
        click.echo(where + word + visible(each.message))
        if each.hint:
            click.echo(f"  hint: {visible(each.hint)}")


def _show_diff(found: Any, as_json: bool) -> None:
    if as_json:
        changes = [
            {"dataset": name, "class": change.kind, "column": change.about, "what": change.what, "why": change.why}
            for name, change in found.changes
        ]
        said = {"old_version": found.old_version, "new_version": found.new_version, "changes": changes}
        click.echo(json.dumps({**said, "breaking": found.is_breaking, "raised": found.is_raised}, indent=2))
        return
    width = max((len(change.kind) for _, change in found.changes), default=0)
    for name, change in found.changes:
        kind = click.style(change.kind.ljust(width), fg=COLOURS[change.kind])
        about = f"{name}.{change.about}" if change.about else name
        click.echo(f"{kind}  {about}: {change.what} ({change.why})")
    click.echo(_verdict(found))


def _verdict(found: Any) -> str:
    versions = f"{found.old_version or 'nothing'} to {found.new_version}"
    if not found.changes:
        return "nothing differs"
    if not found.is_breaking:
        return f"{versions}: nothing breaks"
    return (
        f"{versions}: it breaks, and the version says so"
        if found.is_raised
        else (f"{versions}: it breaks, and the first number of the version is not raised")
    )
