"""`dryland show`: everything about one model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform


@click.command(help="Show everything about MODEL: what it is, who reads it, what stands there now.")
@click.argument("model")
@environment_option
@json_option
@click.option("--sql", is_flag=True, help="Only the compiled SQL.")
@with_platform
def show(platform: Any, model: str, environment: str, as_json: bool, sql: bool) -> None:
    """Show a node's card."""
    card = platform.node_details(model, environment)
    if as_json:
        click.echo(json.dumps(card, indent=2, default=str))
    elif sql:
        click.echo(card["sql"])
    else:
        for line in card_lines(card):
            click.echo(line)


def card_lines(card: dict[str, Any]) -> Iterator[str]:
    """The card, line by line; what is empty is left out."""
    from dryland.cli.table import table

    yield click.style(card["name"], bold=True) + f"  {card['materialized']}, {card['path']}"
    if card["description"]:
        yield card["description"]
    yield ""
    for name, value in _facts(card):
        if value:
            yield f"  {name:<10}{value}"
    yield ""
    header = ["column", "type", "nulls", "distinct ~", "min", "max", "description"]
    yield from table(header, [_column(column) for column in card["columns"]], indent=2, cell_max=40)
    if card["checks"]:
        yield ""
        checks = [[check["status"], check["name"], check["message"]] for check in card["checks"]]
        yield from table(["verdict", "check", ""], checks, indent=2)


def _facts(card: dict[str, Any]) -> Iterator[tuple[str, str]]:
    build = card["build"]
    yield "owner", card["owner"]
    yield "sla", card["meta"].get("sla", "")
    yield "tags", ", ".join(card["tags"])
    yield "published", card["published"] or "not released"
    if build:
        yield "rows", f"{build['rows']:,}" if build["rows"] is not None else ""
        yield "built", f"{build['created_at']} as {build['relation']}"
    if card["stale_since"]:
        yield "stale", f"since {card['stale_since']}: {card['stale_reason']}"
    for name in ("reads", "readers", "exposures"):
        yield name, ", ".join(card[name])


def _column(column: dict[str, Any]) -> list[Any]:
    profile = [column["profile"].get(fact) for fact in ("nulls", "distinct", "min", "max")]
    return [column["name"], column["type"], *profile, column["description"]]
