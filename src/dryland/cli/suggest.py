"""`dryland check suggest`: checks that a model would pass, for its YAML."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform
from dryland.cli.visible import visible
from dryland.errors import UsageError

LEVELS = ("sure", "likely", "guess")
COLOURS = {"sure": "green", "likely": "cyan", "guess": "yellow"}
DIFF = {"+": "green", "-": "red", "@": "cyan"}


@click.command(
    help="""Propose checks that MODEL passes now and does not have: what speaks for each, and the YAML.

    MODEL is a name or any other of dbt's selectors. Nothing is written without --write."""
)
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@environment_option
@click.option("--write", is_flag=True, help="Put them into the YAML that describes the model; all else stays as it is.")
@click.option(
    "--at-least", "least", type=click.Choice(LEVELS), default="likely", show_default=True, help="How sure they must be."
)
@json_option
@with_platform
def suggest(
    platform: Any, models: tuple[str, ...], environment: str, write: bool, least: str, as_json: bool
) -> None:  # fmt: skip
    """Propose, print, and write if told."""
    found = _suggested(platform, models, environment, least)
    edits = platform.write_suggested(found, dry_run=not write)
    if as_json:
        click.echo(json.dumps(_plain(found, edits, write), indent=2, default=str))
        return
    for each in found:
        for line in _lines(platform.project.name_of(each.node), each):
            click.echo(line)
    for edit in () if write else edits:
        for line in diff_lines(edit):
            is_head = line.startswith(("+++", "---"))
            click.echo(visible(line) if is_head else click.style(visible(line), fg=DIFF.get(line[:1])))
        click.echo()
    for edit in edits:
        click.echo(f"wrote {edit.path}" if write else f"nothing is written: --write puts it into {edit.path}", err=True)


def _suggested(platform: Any, models: tuple[str, ...], environment: str, least: str) -> list[Any]:
    """What is proposed for each; of several, those that nobody can look at are passed over."""
    nodes = platform.select(models, environment=environment)
    found = []
    for node in nodes:
        try:
            found.append(platform.suggest_checks(node, environment, least=least))
        except UsageError as error:
            if len(nodes) == 1:
                raise
            click.echo(f"left out: {error.message}", err=True)
    return found


def _lines(name: str, suggested: Any) -> Iterator[str]:
    from dryland.suggest.wording import about, grouped

    yield click.style(f"{name}: {about(suggested)}", bold=True)
    if suggested.proposals:
        yield from _table(grouped(suggested.proposals))
    if suggested.left_out:
        yield f"  {suggested.left_out} more that are less sure: --at-least guess"
    yield ""


def _table(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[str]:
    """A line for each; where a terminal has no room for what speaks for it, that stands below."""
    from dryland.cli.table import table

    lines = table(("sure", "column", "check", "what speaks for it"), rows, indent=2, cell_max=90)
    is_wide = sys.stdout.isatty() and max(map(len, lines)) > shutil.get_terminal_size().columns
    if is_wide:
        lines = table(("sure", "column", "check"), [row[:3] for row in rows], indent=2, cell_max=90)
    yield lines[0]
    for (sure, *_, why), line in zip(rows, lines[1:], strict=True):
        yield line.replace(sure, click.style(sure, fg=COLOURS[sure]), 1)
        if is_wide:
            yield click.style(f"          {visible(why)}", dim=True)


def diff_lines(edit: Any) -> Iterator[str]:
    """What an edit does to a file."""
    import difflib

    before, after = ((text or b"").decode("utf-8-sig").splitlines() for text in (edit.before, edit.after))
    old = f"a/{edit.path}" if edit.before is not None else "/dev/null"
    yield from difflib.unified_diff(before, after, old, f"b/{edit.path}", lineterm="")


def _plain(found: Sequence[Any], edits: Sequence[Any], is_written: bool) -> dict[str, Any]:
    from dryland.suggest.wording import proposal_json

    models = [
        {
            "node": each.node, "rows": each.rows, "builds": each.builds, "less_sure": each.left_out,
            "checks": [proposal_json(proposal) for proposal in each.proposals],
        }
        for each in found
    ]  # fmt: skip
    files = [{"path": edit.path, "is_new": edit.before is None, "diff": [*diff_lines(edit)]} for edit in edits]
    return {"models": models, "files": files, "written": is_written}
