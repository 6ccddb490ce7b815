"""`dryland health`: what of the data is looked after, and what to do next."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, select_options, with_platform

STEPS_SHOWN = 10
BAR_WIDTH = 5
GOOD, FAIR = 0.9, 0.5  # shares from which a bar is green, and yellow


@click.command(help="Say which data has an owner, a description, a key, checks, freshness, a contract; and what to do.")
@environment_option
@select_options
@click.option("--all", "shows_all", is_flag=True, help="Everything there is to do, not only what comes first.")
@click.option("--fail-under", type=click.IntRange(0, 100), help="Exit 1 when the score is less.")
@json_option
@with_platform
def health(
    platform: Any, environment: str, choice: Any, shows_all: bool, fail_under: int | None, as_json: bool
) -> None:  # fmt: skip
    """Print; only `--fail-under` makes the exit code say anything."""
    found = platform.health(environment, select=choice)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        for line in _lines(found, shows_all=shows_all):
            click.echo(line)
    if fail_under is not None and found.score < fail_under:
        click.echo(f"the score is {found.score}, and should be {fail_under} at least", err=True)
        click.get_current_context().exit(1)


def _lines(found: Any, *, shows_all: bool) -> Iterator[str]:
    if not found.datasets:
        yield "there is nothing to look at"
        return
    yield from _coverage(found)
    yield ""
    yield from _steps(found, shows_all=shows_all)


def _coverage(found: Any) -> Iterator[str]:
    from dryland.diff.wording import bar
    from dryland.suggest.subject import many

    layers = (*found.layers, found.whole) if len(found.layers) > 1 else found.layers
    names = max(len("layer"), *(len(each.name) for each in layers))
    counts = max(len("data"), *(len(f"{each.datasets:,}") for each in layers))
    cell = BAR_WIDTH + 7
    head = f"{'layer':<{names}}  {'data':>{counts}}  " + "".join(f"{fact:<{cell}}" for fact in found.whole.shares)
    yield click.style(head.rstrip(), bold=True)
    for layer in layers:
        line = f"{layer.name:<{names}}  {layer.datasets:>{counts},}  "
        for share in layer.shares.values():
            value = share.share
            if value is None:
                line += f"{'-':>4}{'':<{cell - 4}}"
                continue
            colour = "green" if value >= GOOD else "yellow" if value >= FAIR else "red"
            percent = 100 * share.have // share.of
            line += f"{percent:>3}% " + click.style(f"{bar(value, BAR_WIDTH):<{BAR_WIDTH}}", fg=colour) + "  "
        yield click.style(line.rstrip(), bold=layer is found.whole)
    yield ""
    yield (
        click.style(f"health {found.score} of 100", bold=True)
        + f": {many(found.whole.checks, 'check')}, weighted by who reads"
    )


def _steps(found: Any, *, shows_all: bool) -> Iterator[str]:
    from dryland.cli.table import table

    if not found.steps:
        yield "nothing to do"
        return
    shown = found.steps if shows_all else found.steps[:STEPS_SHOWN]
    yield click.style("what to do next, by risk = readers x weight", bold=True)
    rows = [(each.risk, each.readers, each.name, each.why, each.command) for each in shown]
    lines = table(("risk", "readers", "dataset", "why", "do"), rows, indent=2, cell_max=200)
    is_wide = sys.stdout.isatty() and max(map(len, lines)) > shutil.get_terminal_size().columns
    yield from _in_two_lines(shown) if is_wide else lines
    if len(shown) < len(found.steps):
        yield f"  and {len(found.steps) - len(shown):,} more: --all"


def _in_two_lines(steps: Any) -> Iterator[str]:
    """What to type whole, where a terminal has no room for it beside the rest."""
    from dryland.cli.visible import visible
    from dryland.suggest.subject import many

    width = max(len(str(each.risk)) for each in steps)
    for each in steps:
        why = click.style(visible(f"{each.why}, {many(each.readers, 'reader')}"), fg="yellow")
        yield f"  {each.risk:>{width}}  {visible(each.name)}: {why}"
        yield f"  {'':>{width}}  {visible(each.command)}"
