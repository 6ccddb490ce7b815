"""`dryland plan`: what would change, who is hit, what would be built."""

from __future__ import annotations

import json
from typing import Any

import click

from dryland.cli.event_time import window_options
from dryland.cli.options import FULL_REFRESH, also, environment_option, json_option, select_options, with_platform


@click.command(help="Say what would change, who is hit, and what would be built.")
@environment_option
@select_options
@json_option
@click.option("--run", "refresh", is_flag=True, help="Plan a refresh of data instead of a release of code.")
@click.option("--full-refresh", is_flag=True, envvar=also("FULL_REFRESH"), help=FULL_REFRESH)
@window_options
@click.option("--sql", is_flag=True, help="Show how the SQL of changed models differs.")
@click.option("--explain", is_flag=True, help="List every step with its reason and key.")
@click.option("--diff", "rows", is_flag=True, help="Compare what is built already with what readers see, down to rows.")
@with_platform
def plan(
    platform: Any, environment: str, choice: Any, as_json: bool, refresh: bool,
    full_refresh: bool, window: Any, sql: bool, explain: bool, rows: bool,
) -> None:  # fmt: skip
    """Plan and print."""
    from dryland.cli.releasing import tell_warnings
    from dryland.cli.show_plan import plan_lines
    from dryland.plan.render import as_json as plan_json

    verb = "run" if refresh else "apply"
    made = platform.plan(environment, verb=verb, select=choice, full_refresh=full_refresh, window=window)
    found = platform.diff_plan(made) if rows else None
    met = platform.incidents_met(made)
    if as_json:
        click.echo(
            json.dumps(
                {**plan_json(made, platform.project), **_met_json(met, platform.project), **_diff_json(found)}, indent=2
            )
        )
        return
    tell_warnings(platform.project)
    for line in plan_lines(made, platform.project, sql=sql, explain=explain):
        click.echo(line)
    _tell_met(met)
    if found:
        _tell_diff(found, verb, made.environment)


def _tell_met(met: Any) -> None:
    """What is open of what would be published, or of what that reads: whoever releases should know."""
    from dryland.cli.show_incident import readers
    from dryland.cli.visible import visible

    for each in met:
        label = click.style(f"incident {each.id}", fg="yellow")
        click.echo(f"{label} {each.status}, {each.severity}: {visible(each.title)} (readers {readers(each)})")


def _met_json(met: Any, project: Any) -> dict[str, Any]:
    from dryland.watch.telling import told

    return {"incidents": [told(each, project) for each in met]}


def _tell_diff(found: Any, verb: str, environment: str) -> None:
    from dryland.cli.show_diff import diff_lines
    from dryland.diff.places import UNBUILT

    click.echo("")
    for line in diff_lines(found):
        click.echo(line)
    if verb == "apply" and any(table.reason == UNBUILT for table in found.tables):
        click.echo(f"\n`dryland apply -e preview` builds what is not built yet, and leaves {environment} alone.")


def _diff_json(found: Any) -> dict[str, Any]:
    from dryland.diff.difference import as_json

    return {"diff": as_json(found)} if found else {}
