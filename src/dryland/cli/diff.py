"""`dryland diff`: what differs between environments, releases or tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from dryland.cli.options import json_option, select_options, with_platform
from dryland.errors import UsageError


@click.command(
    help="""Compare environments, releases or tables, down to rows.

    WORDS are up to two environments or releases (by number), and models to look at there; or two tables, as
    schema.table. One environment is compared with prod. Prod and a release are compared with what was there before."""
)
@click.argument("words", nargs=-1)
@click.option("--from", "before", default="", help="The environment or release to start from.")
@click.option("--across", default="", help="Compare with the same environment on this warehouse of dryland.yml.")
@click.option("--to", "after", default="", help="The environment or release to compare with it.")
@select_options
@click.option("--key", multiple=True, help="Columns by which rows are told apart; else those of a unique check.")
@click.option("--examples", type=click.IntRange(0, 100), default=3, show_default=True, help="Rows shown of each kind.")
@click.option("--no-shifts", is_flag=True, help="Leave distributions out.")
@click.option(
    "--rows-at-once", type=click.IntRange(0), default=0, help="Rows of both sides joined at once: less memory."
)
@click.option("--exit-code", is_flag=True, help="Exit 1 when there is a difference.")
@click.option("--markdown", is_flag=True, help="Markdown on stdout.")
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with charts.")
@json_option
@with_platform
def diff(
    platform: Any, words: tuple[str, ...], before: str, across: str, after: str, choice: Any, key: tuple[str, ...],
    examples: int, no_shifts: bool, rows_at_once: int, exit_code: bool, markdown: bool, page: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Compare and print."""
    from dryland.diff.places import Options

    columns = tuple(name.strip() for each in key for name in each.split(",") if name.strip())
    options = Options(columns, examples, rows_at_once=rows_at_once, shifts=not no_shifts)
    if across and (before or after):
        raise UsageError("--across compares one environment on two warehouses.", hint="leave --from and --to out.")
    if across:
        found = platform.diff_across(across, words, select=choice, options=options)
    else:
        found = platform.diff(words, before=before, after=after, select=choice, options=options)
    _print(found, as_json=as_json, markdown=markdown)
    if page:
        _write(page, found)
    if exit_code and not found.is_equal:
        click.get_current_context().exit(1)


def _print(found: Any, *, as_json: bool, markdown: bool) -> None:
    if as_json:
        from dryland.diff.difference import as_json as plain

        click.echo(json.dumps(plain(found), indent=2))
        return
    if markdown:
        from dryland.diff.markdown import markdown_of as lines
    else:
        from dryland.cli.show_diff import diff_lines as lines
    for line in lines(found):
        click.echo(line)


def _write(path: Path, found: Any) -> None:
    from dryland.diff.page import page_of

    try:
        path.write_text(page_of(found), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"{path} has the charts.", err=True)
