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
    build = card["build"]
    facts = {
        "owner": card["owner"],
        "sla": card["meta"].get("sla", ""),
        "tags": ", ".join(card["tags"]),
        "published": card["published"] or "not released",
        "rows": f"{build['rows']:,}" if build and build["rows"] is not None else "",
        "built": f"{build['created_at']} as {build['relation']}" if build else "",
        "stale": f"since {card['stale_since']}: {card['stale_reason']}" if card["stale_since"] else "",
        "reads": ", ".join(card["reads"]),
        "readers": ", ".join(card["readers"]),
        "exposures": ", ".join(card["exposures"]),
    }
    yield ""
    for name, value in facts.items():
        if value:
            yield f"  {name:<10}{value}"
    yield ""
    rows = [
        [
            c["name"],
            c["type"],
            c["profile"].get("nulls"),
            c["profile"].get("distinct"),
            c["profile"].get("min"),
            c["profile"].get("max"),
            c["description"],
        ]
        for c in card["columns"]
    ]
    yield from table(
        ["column", "type", "nulls", "distinct ~", "min", "max", "description"], rows, indent=2, cell_max=40
    )
    if card["checks"]:
        yield ""
        checks = [[c["status"], c["name"], c["message"]] for c in card["checks"]]
        yield from table(["verdict", "check", ""], checks, indent=2)
