"""`dryland ls`: what there is."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, select_options, with_platform


@click.command(help="List models and seeds; dbt's selectors choose.")
@environment_option
@select_options
@json_option
@with_platform
def ls(platform: Any, environment: str, select: tuple[str, ...], exclude: tuple[str, ...], as_json: bool) -> None:
    """List."""
    from dryland.cli.table import table

    pointers = platform.pointers(environment)
    nodes = [platform.project.nodes[uid] for uid in platform.select(select, exclude, environment=environment)]
    if as_json:
        rows = [_as_json(node, pointers.get(node.unique_id)) for node in nodes]
        click.echo(json.dumps({"nodes": rows}, indent=2))
        return
    body = [
        [
            platform.project.name_of(node.unique_id),
            node.materialized,
            _state(node, pointers.get(node.unique_id)),
            node.owner,
            node.place.path,
        ]
        for node in nodes
    ]
    for line in table(["name", "materialized", "state", "owner", "file"], body):
        click.echo(line)


def _as_json(node: Any, pointer: Any) -> dict[str, Any]:
    return {
        "node": node.unique_id,
        "name": node.name,
        "kind": node.kind,
        "materialized": node.materialized,
        "path": node.place.path,
        "owner": node.owner,
        "tags": list(node.tags),
        "description": node.description,
        "published": str(node.relation),
        "released": pointer is not None,
        "stale": bool(pointer and pointer.stale_since),
    }


def _state(node: Any, pointer: Any) -> str:
    if node.materialized == "ephemeral":
        return "inlined"
    return "not released" if pointer is None else "stale" if pointer.stale_since else "live"
