"""`dryland lineage`: where a model or column comes from, and where it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from dryland.cli.options import json_option, with_platform


@click.command(help="Follow TARGET (model, or model.column) up- and downstream.")
@click.argument("start", metavar="TARGET")
@click.option("--up", "direction", flag_value="up", help="Only where it comes from.")
@click.option("--down", "direction", flag_value="down", help="Only where it goes.")
@json_option
@with_platform
def lineage(platform: Any, start: str, direction: str | None, as_json: bool) -> None:
    """Print a tree in each direction."""
    from dryland.plan.lineage import shown

    edges = platform.lineage(start, direction=direction or "both")
    if as_json:
        click.echo(json.dumps({"target": start, "edges": [list(edge) for edge in edges]}, indent=2))
        return
    root = shown(platform.project, start, edges)
    if direction != "down":
        _print(f"{start} comes from", root, ((reader, source) for source, reader in edges))
    if direction != "up":
        _print(f"{start} goes to", root, edges)


def _print(title: str, start: str, edges: Iterable[tuple[str, str]]) -> None:
    following: dict[str, list[str]] = {}
    for one, next_one in edges:
        following.setdefault(one, []).append(next_one)
    click.echo(click.style(title, bold=True))
    for line in list(tree(start, following)) or ["  nothing"]:
        click.echo(line)


def tree(
    start: str, following: dict[str, list[str]], prefix: str = "  ", seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """An indented tree; what was drawn above is not drawn again below itself."""
    children = list(dict.fromkeys(following.get(start, ())))
    for number, child in enumerate(children):
        last = number == len(children) - 1
        yield f"{prefix}{'└─ ' if last else '├─ '}{child}"
        if child not in seen:
            yield from tree(child, following, prefix + ("   " if last else "│  "), seen | {child})
