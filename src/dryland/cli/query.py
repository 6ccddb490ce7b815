"""`dryland query`: a question to an environment."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dryland.cli.options import environment_option, json_option, with_platform

if TYPE_CHECKING:
    from dryland.engines.statement import Rows

FORMATS = ("csv", "parquet", "xlsx", "json", "arrow")


@click.command(help="Ask an environment a question in SQL; models by their names.")
@click.argument("sql")
@environment_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout.")
@click.option("--limit", type=click.IntRange(0), default=100, show_default=True, help="Rows at most; 0 is all.")
@click.option("--as", "somebody", default="", metavar="PERSON", help="See what this user, role or group would see.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="Of the file.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the answer to a file, whole.")
@with_platform
def query(
    platform: Any, sql: str, environment: str, as_json: bool, as_csv: bool, limit: int, somebody: str, form: str,
    out: Path | None,
) -> None:  # fmt: skip
    """Ask and print."""
    if out is not None:
        _write(platform, sql, environment, somebody, form, out)
        return
    from dryland.check.scanning.scan import plain
    from dryland.cli.table import table

    answer = _asked(platform, sql, environment, somebody, limit)
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


def _asked(platform: Any, sql: str, environment: str, somebody: str, limit: int) -> Rows:
    """The answer for whoever asks here, who may see everything, or as somebody else would be given it."""
    if not somebody:
        rows: Rows = platform.query(sql, environment=environment, rows_max=limit or None)
        return rows
    from dryland.access.desk import Request
    from dryland.engines.statement import Rows as Answered

    with platform.desk(environment).ask(Request(platform.somebody(somebody)), sql) as answer:
        found = answer.all_rows()[: limit or None]
        return Answered(tuple(column.name for column in answer.columns), tuple(found))


def _write(platform: Any, sql: str, environment: str, somebody: str, form: str, out: Path) -> None:
    """The whole answer as a file, which appears when it is complete."""
    from dryland.access.desk import Request
    from dryland.access.exporting import write
    from dryland.access.person import local_person

    person = platform.somebody(somebody) if somebody else local_person()
    draft = out.with_name(f"{out.name}.part")
    try:
        with (
            platform.desk(environment).ask(Request(person, "export", is_export=True), sql) as answer,
            draft.open("wb") as file,
        ):
            rows = write(answer, form, file)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"wrote {rows:,} rows to {out}")
    if answer.is_cut:
        click.echo("there are more: `access: {limits: ...}` says how many may be exported", err=True)
