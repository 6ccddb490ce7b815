"""Carries `apply` and `run` through: plan, ask, do, tell."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from dryland.cli.options import confirm


def tell_warnings(project: Any) -> None:
    """What the project's files say to nobody, on stderr."""
    for warning in project.warnings:
        click.echo(f"warning: {warning}", err=True)
    for said in project.said:
        click.echo(said, err=True)


def release(
    platform: Any, verb: str, environment: str, choice: Any, *, yes: bool,
    full_refresh: bool, window: Any, message: str, as_json: bool, adopt: bool = False,
) -> None:  # fmt: skip
    """Plan, show, ask, carry out, tell, and exit with the outcome's code."""
    from dryland.cli.show_plan import plan_lines

    plan = platform.plan(environment, verb=verb, select=choice, full_refresh=full_refresh, window=window)
    if not as_json:
        if verb == "apply":
            tell_warnings(platform.project)
        for line in plan_lines(plan, platform.project):
            click.echo(line, err=not plan.is_empty)
    if not plan.is_empty:
        confirm(f"{'Release' if verb == 'apply' else 'Refresh'} to {plan.environment}?", yes)
        platform.project.templates.listen(lambda said: click.echo(said.text, err=True))
    outcome = platform.apply(plan, adopt=adopt, message=message)
    if plan.is_empty and not as_json:
        return
    from dryland.cli.show_outcome import outcome_json, outcome_lines

    if as_json:
        click.echo(json.dumps(outcome_json(outcome, platform.project), indent=2, default=str))
    else:
        for line in outcome_lines(outcome, platform.project):
            click.echo(line)
    sys.stdout.flush()
    if outcome.exit_code:
        click.get_current_context().exit(outcome.exit_code)
