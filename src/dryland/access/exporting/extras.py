"""Imports what writes some of the formats, or says what to install."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.errors import UsageError

EXTRAS: Mapping[str, str] = {"pyarrow": "arrow", "xlsxwriter": "excel"}


def imported(module: str, format: str) -> Any:  # noqa: A002
    """A module.

    Raises:
        UsageError: it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"{format} needs {module}, which is not installed.", hint=f'pip install "dryland[{EXTRAS[module]}]"'
        ) from error
