"""`dryland check`: checks on what readers see now."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, select_test_options, with_platform


@click.command(help="Run checks on what readers see now; publish nothing.")
@environment_option
@select_test_options
@json_option
@with_platform
def check(platform: Any, environment: str, choice: Any, as_json: bool) -> None:
    """Check and print; exit 1 when a check says no."""
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
