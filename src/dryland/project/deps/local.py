"""Finds packages that are folders of this machine."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dryland.errors import ConfigError
from dryland.project.deps.listing import Wanted
from dryland.project.layout import FILE


def found_locally(wanted: Wanted, project: Path, owner: Path) -> Wanted:
    """A local package with its folder found, and written as seen from the project: so dbt keeps it.

    dbt sees every `local:` from the project, those of packages too; where nothing is there, a package's own
    are looked for as seen from the package.

    Raises:
        ConfigError: neither is a dbt project.
    """
    for base in (project, owner):
        folder = Path(os.path.normpath(base / wanted.what))
        if (folder / FILE).is_file():
            written = wanted.written if base == project else os.path.relpath(folder, project)
            return replace(wanted, what=str(folder), written=written)
    exists = any((base / wanted.what).is_dir() for base in (project, owner))
    raise ConfigError(
        f"the package `{wanted}` has no {FILE}." if exists else f"the package `{wanted}` is not there.",
        path=wanted.place.path, line=wanted.place.line, hint="`local:` is a folder, as seen from the project.",
    )  # fmt: skip
