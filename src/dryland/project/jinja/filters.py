"""Lists the filters that dbt adds to Jinja."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any


def as_text(value: Any) -> str:
    """The value as text."""
    return str(value)


def as_bool(value: Any) -> bool:
    """True for `true`, `yes`, `1`; false for their opposites."""
    text = str(value).strip().lower()
    if text in ("true", "yes", "1", "on"):
        return True
    if text in ("false", "no", "0", "off", ""):
        return False
    raise ValueError(f"{value!r} is neither true nor false")


def as_number(value: Any) -> int | float:
    """The value as a number."""
    text = str(value).strip()
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def as_native(value: Any) -> Any:
    """The value that the text writes down in Python; the text itself when it is none."""
    try:
        return ast.literal_eval(str(value))
    except (ValueError, SyntaxError):
        return value


FILTERS: Mapping[str, Callable[..., Any]] = {
    "as_text": as_text, "as_bool": as_bool, "as_number": as_number, "as_native": as_native
}  # fmt: skip
