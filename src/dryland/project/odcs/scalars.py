"""Reads texts and other single values of a contract, whatever YAML made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text_of(body: Mapping[str, Any], key: str) -> str:
    """The text behind a key; empty when there is none."""
    value = body.get(key)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def texts_of(body: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The texts of a list; none when there is no list."""
    value = body.get(key)
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def plain(value: Any) -> Any:
    """A value as JSON keeps it; a date as text."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
