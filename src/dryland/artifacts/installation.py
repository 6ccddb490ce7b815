"""Finds dbt on this machine, to list its own macros where tools compare them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

GLOBAL = "global_project"  # the folder of dbt's own macros, beside those of its adapters


def dbt_macro_folders(variables: Mapping[str, str]) -> Path | None:
    """The folder `dbt/include` of the dbt that is on the path, or in this environment; None when there is none."""
    return next((folder for folder in _candidates(variables) if (folder / GLOBAL).is_dir()), None)


def _candidates(variables: Mapping[str, str]) -> Iterator[Path]:
    command = shutil.which("dbt", path=variables.get("PATH"))
    if command:
        environment = Path(command).resolve().parent.parent
        yield from sorted(environment.glob("lib/python*/site-packages/dbt/include"))
        yield environment / "Lib" / "site-packages" / "dbt" / "include"
    for place in sys.path:
        yield Path(place) / "dbt" / "include"
