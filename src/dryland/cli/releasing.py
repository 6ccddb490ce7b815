"""Carries `apply` and `run` through: plan, ask, do, tell."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import click

from dryland.cli.options import confirm
from dryland.errors import StalePlanError


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

    def planned() -> Any:
        return platform.plan(environment, verb=verb, select=choice, full_refresh=full_refresh, window=window)

    plan = planned()
    if not as_json and verb == "apply":
        tell_warnings(platform.project)
    _show(plan, platform.project, as_json=as_json)
    if not plan.is_empty:
        confirm(f"{'Release' if verb == 'apply' else 'Refresh'} to {plan.environment}?", yes)
        platform.project.templates.listen(lambda said: click.echo(said.text, err=True))
    try:
        with _held(platform, plan, verb):
            outcome = platform.apply(plan, adopt=adopt, message=message)
    except StalePlanError as error:
        if not yes:  # somebody said yes to that plan, and to no other
            raise
        click.echo(f"{error.message} Planning again.", err=True)
        with _held(platform, plan, verb):
            plan = planned()
            _show(plan, platform.project, as_json=as_json)
            outcome = platform.apply(plan, adopt=adopt, message=message)
    if plan.is_empty and not as_json:
        _tell_incidents(outcome)
    else:
        _tell(outcome, platform.project, as_json=as_json)


def _show(plan: Any, project: Any, *, as_json: bool) -> None:
    from dryland.cli.show_plan import plan_lines

    for line in () if as_json else plan_lines(plan, project):
        click.echo(line, err=not plan.is_empty)


def _tell_incidents(outcome: Any) -> None:
    """Where there was nothing to do, something may be wrong, or right again."""
    if outcome.incidents:
        from dryland.cli.show_incident import noted_lines

        for line in (*noted_lines(outcome.incidents), *(f"  {each}" for each in outcome.delivered)):
            click.echo(line)


def _tell(outcome: Any, project: Any, *, as_json: bool) -> None:
    from dryland.cli.show_outcome import outcome_json, outcome_lines

    if as_json:
        click.echo(json.dumps(outcome_json(outcome, project), indent=2, default=str))
    else:
        for line in outcome_lines(outcome, project):
            click.echo(line)
    sys.stdout.flush()
    if outcome.exit_code:
        click.get_current_context().exit(outcome.exit_code)


def _held(platform: Any, plan: Any, verb: str) -> AbstractContextManager[None]:
    """The environment, until what was planned is done; where there is nothing to do nobody need be waited for."""
    return nullcontext() if plan.is_empty else platform.holding_environment(plan.environment, verb)
