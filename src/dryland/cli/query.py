"""`dryland query`: a question to an environment."""

from __future__ import annotations

import csv
import json
import sys
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform


@click.command(help="Ask an environment a question in SQL; models by their names.")
@click.argument("sql")
@environment_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout.")
@click.option("--limit", type=click.IntRange(0), default=100, show_default=True, help="Rows at most; 0 is all.")
@with_platform
def query(platform: Any, sql: str, environment: str, as_json: bool, as_csv: bool, limit: int) -> None:
    """Ask and print."""
    from dryland.check.scanning.scan import plain
    from dryland.cli.table import table

    answer = platform.query(sql, environment=environment, rows_max=limit or None)
    rows = [[plain(value, text_max=10_000) for value in row] for row in answer.rows]
    if as_json:
        click.echo(json.dumps({"columns": list(answer.columns), "rows": rows}, indent=2))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(rows)
    else:
        for line in table(answer.columns, rows):
            click.echo(line)
        if limit and len(rows) == limit:
            click.echo(f"the first {limit} rows; --limit 0 gives all", err=True)
