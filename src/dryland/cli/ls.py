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

    project = platform.project
    pointers = platform.pointers(environment)
    nodes = [project.nodes[unique_id] for unique_id in platform.select(select, exclude, environment=environment)]
    if as_json:
        rows = [
            {
                "node": node.unique_id,
                "name": node.name,
                "kind": node.kind,
                "materialized": node.materialized,
                "path": node.place.path,
                "owner": node.owner,
                "tags": list(node.tags),
                "description": node.description,
                "published": str(node.relation),
                "released": node.unique_id in pointers,
                "stale": bool(node.unique_id in pointers and pointers[node.unique_id].stale_since),
            }
            for node in nodes
        ]
        click.echo(json.dumps({"nodes": rows}, indent=2))
        return

    def state(unique_id: str) -> str:
        pointer = pointers.get(unique_id)
        return "not released" if pointer is None else "stale" if pointer.stale_since else "live"

    body = [
        [
            project.name_of(n.unique_id),
            n.materialized,
            "inlined" if n.materialized == "ephemeral" else state(n.unique_id),
            n.owner,
            n.place.path,
        ]
        for n in nodes
    ]
    for line in table(["name", "materialized", "state", "owner", "file"], body):
        click.echo(line)
