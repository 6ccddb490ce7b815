"""`dryland check import`: a suite of Great Expectations as checks of a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from dryland.cli.options import json_option, with_platform
from dryland.cli.suggest import diff_lines


@click.command(
    "import",
    help="""Put expectations of Great Expectations into the YAML of a model, and tell what cannot be.

    SUITE is a file (JSON, 0.x or 1.x) or a folder of suites. Nothing is written without --write.""",
)
@click.argument("suite", type=click.Path(path_type=Path))
@click.option("--model", "-m", required=True, metavar="NAME", help="The model that the suite is about.")
@click.option("--write", is_flag=True, help="Put them into the YAML that describes the model; all else stays as it is.")
@json_option
@with_platform
def check_import(platform: Any, suite: Path, model: str, write: bool, as_json: bool) -> None:
    """Print what the suite becomes, and write it if told."""
    found = platform.import_checks(suite, model)
    edits = platform.write_suggested([found], dry_run=not write)
    if as_json:
        click.echo(json.dumps(_plain(found, edits, write), indent=2, default=str))
        return
    for line in _lines(found):
        click.echo(line)
    for edit in () if write else edits:
        for line in diff_lines(edit):
            click.echo(line)
    for edit in edits:
        click.echo(f"wrote {edit.path}" if write else f"nothing is written: --write puts it into {edit.path}", err=True)


def _lines(found: Any) -> Iterator[str]:
    taken = sum(1 for each in found.settled if each.checks)
    there = sum(1 for each in found.settled if each.is_there)
    left = [each for each in found.settled if each.reason]
    yield f"{taken} of {len(found.settled)} expectations become {len(found.written)} checks; {there} are checks already"
    for each in found.settled:
        if each.remark and each.checks:
            yield f"  {_called(each.expectation)}: {each.remark}"
    if left:
        yield "not imported:"
    for each in left:
        yield f"  {_called(each.expectation)}: {each.reason}"
    yield ""


def _called(expectation: Any) -> str:
    of = f" of {expectation.column}" if expectation.column else ""
    return f"{Path(expectation.path).name} {expectation.number}, {expectation.name}{of}"


def _plain(found: Any, edits: Sequence[Any], is_written: bool) -> dict[str, Any]:
    return {
        "node": found.node,
        "checks": [
            {"column": check.column, "check": check.entry(is_flat=False), "is_native": check.is_native,
             "from": {"path": each.expectation.path, "number": each.expectation.number}, "remark": each.remark}
            for each in found.settled for check in each.checks
        ],
        "not_imported": [
            {"path": each.expectation.path, "number": each.expectation.number, "expectation": each.expectation.name,
             "column": each.expectation.column, "reason": each.reason}
            for each in found.settled if each.reason
        ],
        "already": [
            {"path": each.expectation.path, "number": each.expectation.number}
            for each in found.settled if each.is_there
        ],
        "files": [{"path": edit.path, "is_new": edit.before is None, "diff": [*diff_lines(edit)]} for edit in edits],
        "written": is_written,
    }  # fmt: skip
