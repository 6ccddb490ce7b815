"""`dryland test`: unit tests, on rows that they bring along."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import click

from dryland.cli.options import json_option, select_test_options, with_platform


@click.command(help="Run unit tests: models on rows that are given. Data tests are `dryland check`.")
@select_test_options
@json_option
@with_platform
def test(platform: Any, choice: Any, as_json: bool) -> None:
    """Run and print; exit 1 when a test says no."""
    from dryland.cli.show_outcome import verdict_lines
    from dryland.release.details import verdict_json

    began = time.monotonic()
    verdicts = platform.test(select=choice)
    for sentence in platform.write_results("test", verdicts, elapsed_s=time.monotonic() - began):
        click.echo(sentence, err=True)
    counted = Counter(verdict.status for verdict in verdicts)
    if as_json:
        found = [verdict_json(each, platform.project) for each in verdicts]
        click.echo(json.dumps({"verdicts": found, "counts": dict(counted)}, indent=2, default=str))
    else:
        for verdict in verdicts:
            if verdict.status != "pass":
                for line in verdict_lines(verdict, platform.project):
                    click.echo(line)
        click.echo(_ending(counted, sum(each.cached for each in verdicts), time.monotonic() - began))
    if counted["fail"] or counted["error"]:
        click.get_current_context().exit(1)


def _ending(counted: Counter[str], remembered: int, duration_s: float) -> str:
    total = counted.total()
    if not total:
        return "no unit test is chosen"
    parts = [f"{counted['pass']} passed"]
    parts += [f"{counted['fail']} failed"] if counted["fail"] else []
    parts += [f"{counted['error']} could not be run"] if counted["error"] else []
    known = f"; {remembered} are as they were when they passed" if remembered else ""
    return f"{total} unit test{'s' if total > 1 else ''}: {', '.join(parts)}{known}; {duration_s:.1f} s"
