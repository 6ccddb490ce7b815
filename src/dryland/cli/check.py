"""`dryland check`: checks on what readers see now."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from dryland.cli.check_import import check_import
from dryland.cli.options import environment_option, json_option, select_test_options, with_platform
from dryland.cli.suggest import suggest


@click.group(
    help="Run checks on what readers see now; publish nothing.", invoke_without_command=True,
    subcommand_metavar="",
)  # fmt: skip
@environment_option
@select_test_options
@click.option(
    "--explain", is_flag=True, help="Only say how each check is answered: shared scans, or queries of its own."
)
@click.option("--again", is_flag=True, help="Ask everything, also what was answered of tables that did not change.")
@json_option
@with_platform
def check(platform: Any, environment: str, choice: Any, explain: bool, again: bool, as_json: bool) -> None:
    """Check and print; exit 1 when a check says no."""
    if click.get_current_context().invoked_subcommand:
        return  # which opens the project itself
    if explain:
        _explain(platform, environment, choice, as_json)
        return
    from dryland.cli.show_outcome import verdict_lines
    from dryland.release.details import verdict_json

    began = time.monotonic()
    verdicts = platform.check(environment, select=choice, again=again)
    for sentence in platform.write_results("check", verdicts, environment, elapsed_s=time.monotonic() - began):
        click.echo(sentence, err=True)
    counted = Counter(verdict.status for verdict in verdicts)
    if as_json:
        click.echo(
            json.dumps({"verdicts": [verdict_json(each, platform.project) for each in verdicts]}, indent=2, default=str)
        )
    else:
        for verdict in verdicts:
            if verdict.status != "pass":
                for line in verdict_lines(verdict, platform.project):
                    click.echo(line)
        bad = counted["fail"] + counted["error"]
        remembered = sum(verdict.cached for verdict in verdicts)
        known = f"; {remembered} remembered (--again asks them)" if remembered else ""
        said = f"{counted['pass']} passed, {counted['warn']} warned, {bad} said no"
        click.echo(f"{len(verdicts)} checks: {said}{known}")
        _tell_noted(platform)
    if counted["fail"] or counted["error"]:
        click.get_current_context().exit(1)


def _tell_noted(platform: Any) -> None:
    if not platform.incidents_noted:
        return
    from dryland.cli.show_incident import noted_lines

    for line in (*noted_lines(platform.incidents_noted), *(f"  {each}" for each in platform.alerts_sent)):
        click.echo(line)


check.add_command(suggest)
check.add_command(check_import)


def _explain(platform: Any, environment: str, choice: Any, as_json: bool) -> None:
    answers = platform.explain_checks(environment, select=choice)
    if as_json:
        click.echo(json.dumps({"checks": [asdict(each) for each in answers]}, indent=2))
        return
    project, table = platform.project, None
    for each in answers:
        if each.table != table:
            table = each.table
            click.echo(f"{project.name_of(table)}, in one scan:" if table else "by queries of their own:")
        how = {"shown": f": none fails if {each.shows}", "counted": f": {each.failures}", "alone": ""}[each.how]
        click.echo(f"  {project.checks[each.check].name}{how}")
