"""`dryland check`: checks on what readers see now."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, select_test_options, with_platform


@click.command(help="Run checks on what readers see now; publish nothing.")
@environment_option
@select_test_options
@click.option(
    "--explain", is_flag=True, help="Only say how each check is answered: shared scans, or queries of its own."
)
@json_option
@with_platform
def check(platform: Any, environment: str, choice: Any, explain: bool, as_json: bool) -> None:
    """Check and print; exit 1 when a check says no."""
    if explain:
        _explain(platform, environment, choice, as_json)
        return
    from dryland.cli.show_outcome import verdict_lines
    from dryland.release.details import verdict_json

    began = time.monotonic()
    verdicts = platform.check(environment, select=choice)
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
        click.echo(f"{len(verdicts)} checks: {counted['pass']} passed, {counted['warn']} warned, {bad} said no")
    if counted["fail"] or counted["error"]:
        click.get_current_context().exit(1)


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
