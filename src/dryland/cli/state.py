"""`dryland state`: the metadata as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dryland.cli.options import with_platform


@click.group(help="Dump and load the metadata.")
def state() -> None:
    """Metadata."""


@state.command(help="Write all metadata to FILE, as JSON lines.")
@click.argument("file", type=click.Path(path_type=Path))
@with_platform
def dump(platform: Any, file: Path) -> None:
    """Dump."""
    click.echo(f"wrote {platform.dump(file):,} rows to {file}")


@state.command(help="Fill empty metadata from FILE.")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@with_platform
def load(platform: Any, file: Path) -> None:
    """Load."""
    click.echo(f"read {platform.load(file):,} rows from {file}")
