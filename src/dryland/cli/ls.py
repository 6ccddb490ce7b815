"""`dryland ls`: what there is."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, select_test_options, with_platform


@click.command(help="List models, seeds and snapshots; dbt's selectors choose, --resource-type lists other things.")
@environment_option
@select_test_options
@json_option
@with_platform
def ls(platform: Any, environment: str, choice: Any, as_json: bool) -> None:
    """List."""
    _list(platform, environment, choice, as_json=as_json)
    platform.work_ahead()


def _list(platform: Any, environment: str, choice: Any, *, as_json: bool) -> None:
    from dryland.cli.table import table

    pointers = platform.pointers(environment)
    listed = platform.list(choice, environment=environment)
    if not choice.kinds:  # nodes, or when none of them is chosen whatever is
        listed = [each for each in listed if each in platform.project.nodes] or listed
    rows = [_row(platform.project, each, pointers.get(each)) for each in listed]
    if as_json:
        nodes = [row for row in rows if "materialized" in row]
        others = [row for row in rows if "materialized" not in row]
        click.echo(json.dumps({"nodes": nodes, **({"others": others} if others else {})}, indent=2))
        return
    are_nodes = all(each in platform.project.nodes for each in listed)
    kind = "materialized" if are_nodes else "kind"
    body = [
        [_name(platform.project, row), row.get("materialized", row["kind"]), _state(row), row["owner"], row["path"]]
        for row in rows
    ]
    for line in table(["name", kind, "state", "owner", "file"], body):
        click.echo(line)


def _row(project: Any, unique_id: str, pointer: Any) -> dict[str, Any]:
    if unique_id in project.nodes:
        return _node(project.nodes[unique_id], pointer)
    kind = unique_id.partition(".")[0]
    thing = _thing(project, unique_id)
    owner = getattr(thing, "owner", "")
    return {
        "node": unique_id,
        "name": project.name_of(unique_id) if kind == "source" else thing.name,
        "kind": kind,
        "path": thing.place.path,
        "owner": owner if isinstance(owner, str) else str(owner.get("name") or ""),
        "tags": list(thing.tags),
        "description": getattr(thing, "description", ""),
    }


def _thing(project: Any, unique_id: str) -> Any:
    others = ("sources", "checks", "unit_tests", "exposures", "semantics", "analyses")
    return next(found for each in others if (found := getattr(project, each).get(unique_id)))


def _node(node: Any, pointer: Any) -> dict[str, Any]:
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


def _name(project: Any, row: dict[str, Any]) -> str:
    """With the version of a node that has one."""
    return str(project.name_of(row["node"]) if "materialized" in row else row["name"])


def _state(row: dict[str, Any]) -> str:
    if "materialized" not in row:
        return ""
    if row["materialized"] == "ephemeral":
        return "inlined"
    return "not released" if not row["released"] else "stale" if row["stale"] else "live"
