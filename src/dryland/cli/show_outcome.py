"""Renders how a release or refresh ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click

from dryland.cli.show_incident import noted_lines
from dryland.cli.table import table
from dryland.cli.visible import visible
from dryland.project.project import Project
from dryland.release.details import release_json, step_json, verdict_json
from dryland.release.gate import named
from dryland.release.outcome import Outcome
from dryland.state.records import Verdict

BLOCKED_MAX = 20
WARNING_ROWS_MAX = 3  # of what did not stop the release, a glimpse


def outcome_lines(outcome: Outcome, project: Project) -> Iterator[str]:
    """The outcome, line by line: what went wrong first, how it stands last."""
    bad = [verdict for verdict in outcome.verdicts if verdict.status in ("fail", "error")]
    for verdict in (*(v for v in outcome.verdicts if v.status == "warn"), *bad):
        yield from verdict_lines(verdict, project)
    for step in outcome.steps:
        if step.status == "failed":
            yield f"{click.style('failed', fg='red')} {project.name_of(step.node)}: {visible(step.message)}"
    yield from _ending(outcome, project)
    for sentence in outcome.noticed:
        yield f"{click.style('unusual', fg='yellow')} {visible(sentence)}"
    for sentence in outcome.hooks_failed:
        stands = f"; release {outcome.release.id} stands" if outcome.release else ""
        yield f"{click.style('failed', fg='red')} {visible(sentence)}{stands}"
    yield from noted_lines(outcome.incidents)
    for sentence in outcome.delivered:
        yield f"  {visible(sentence)}"


def outcome_json(outcome: Outcome, project: Project) -> dict[str, Any]:
    """The outcome as plain data; the keys are stable."""
    return {
        "status": outcome.status,
        "environment": outcome.environment,
        "release": release_json(outcome.release) if outcome.release else None,
        "verdicts": [verdict_json(verdict, project) for verdict in outcome.verdicts],
        "steps": [step_json(step) for step in outcome.steps],
        "blocked": dict(outcome.blocked),
        "kept_as": outcome.kept_as,
        "duration_s": round(outcome.duration_s, 3),
        "delivered": list(outcome.delivered),
        "incidents": [dict(each) for each in outcome.incidents],
        "noticed": list(outcome.noticed),
        "hooks_failed": list(outcome.hooks_failed),
    }


def verdict_lines(verdict: Verdict, project: Project) -> Iterator[str]:
    """A check that did not pass: what it is about, what it found, and rows that show it."""
    check = project.checks.get(verdict.check) or project.unit_tests.get(verdict.check)
    name, node = named(verdict, project)
    about = f" on {project.name_of(node)}" if node else ""
    colour = "yellow" if verdict.status == "warn" else "red"
    yield f"{click.style(verdict.status, fg=colour, bold=True)} {visible(f'{name}{about}: {verdict.message}')}"
    shown = verdict.sample[:WARNING_ROWS_MAX] if verdict.status == "warn" else verdict.sample
    if shown:
        yield from table(list(shown[0]), [list(row.values()) for row in shown], indent=4, cell_max=30)
    if check:
        yield click.style(f"    {check.place.path}:{check.place.line}", dim=True)


def _ending(outcome: Outcome, project: Project) -> Iterator[str]:
    if outcome.status == "nothing":
        yield f"Nothing to publish: what was built for {outcome.environment} is what readers see already."
        return
    if outcome.release is not None:
        part = " in part" if outcome.status == "partly" else ""
        yield (
            click.style(f"Published release {outcome.release.id} to {outcome.environment}{part}", fg="green", bold=True)
            + f": {_counts(outcome, project)}"
        )
    if outcome.status in ("refused", "failed"):
        word = "Refused" if outcome.status == "refused" else "Failed"
        said = click.style(f"{word}: {outcome.environment} is unchanged.", fg="red", bold=True)
        yield f"{said} {_counts(outcome, project)}"
    if outcome.blocked:
        yield "blocked:" if outcome.status != "partly" else "stale, showing their last good data:"
        told = {step.node for step in outcome.steps if step.status == "failed"}
        errors = {
            f"{name}: {verdict.message}": f"{name}, as said above"
            for verdict in outcome.verdicts if verdict.status == "error" for name in [named(verdict, project)[0]]
        }  # fmt: skip
        for node, reason in list(outcome.blocked.items())[:BLOCKED_MAX]:
            why = "failed, as said above" if node in told else errors.get(reason, reason)
            yield f"  {project.name_of(node)}  {click.style(visible(why), dim=True)}"
        if len(outcome.blocked) > BLOCKED_MAX:
            yield f"  ... and {len(outcome.blocked) - BLOCKED_MAX} more"
    if outcome.kept_as:
        yield f'The candidates are kept in {outcome.kept_as}: dryland query -e {outcome.kept_as} "select * from ..."'


def _counts(outcome: Outcome, project: Project) -> str:
    """What was done; checks look at candidates, unit tests at code, and the plan counts them apart as well."""
    steps = Counter(step.action for step in outcome.steps if step.status in ("done", "rejected"))
    built = f"{steps['build']} built" + (f", {steps['reuse']} reused" if steps["reuse"] else "")
    tests = [verdict for verdict in outcome.verdicts if verdict.check in project.unit_tests]
    checks = [verdict for verdict in outcome.verdicts if verdict.check not in project.unit_tests]
    said = [_said(checks, "checks")] if checks or not tests else []
    said += [_said(tests, "unit tests")] if tests else []
    return "; ".join((built, *said, f"{outcome.duration_s:.1f} s"))


def _said(verdicts: Sequence[Verdict], what: str) -> str:
    counted = Counter(verdict.status for verdict in verdicts)
    bad = sum(verdict.is_no for verdict in verdicts)
    unasked = counted["fail"] + counted["error"] - bad
    warned = f", {counted['warn']} warned" if counted["warn"] else ""
    open_ = f", {unasked} could not be asked" if unasked else ""
    return f"{counted['pass']} {what} passed{warned}" + (f", {bad} said no" if bad else "") + open_
