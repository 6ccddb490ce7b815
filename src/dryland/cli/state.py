"""`dryland state`: the metadata as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from dryland.cli.options import json_option, with_platform


@click.group(help="Dump and load the metadata.")
def state() -> None:
    """Metadata."""


@state.command(help="Write all metadata to FILE, as JSON lines.")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@with_platform
def dump(platform: Any, file: Path, as_json: bool) -> None:
    """Dump."""
    rows = platform.dump(file)
    click.echo(json.dumps({"file": str(file), "rows": rows}) if as_json else f"wrote {rows:,} rows to {file}")


@state.command(help="Fill empty metadata from FILE.")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@json_option
@with_platform
def load(platform: Any, file: Path, as_json: bool) -> None:
    """Load."""
    rows = platform.load(file)
    click.echo(json.dumps({"file": str(file), "rows": rows}) if as_json else f"read {rows:,} rows from {file}")
