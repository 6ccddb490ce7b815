"""Parses the arguments of checks: what is written becomes what kinds work with, or an error says what to write."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<time>[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(?P<zone> ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?"
)


def share(value: Any) -> float:
    """A number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a share from 0 to 1, such as 0.99")
    return float(value)


def number(value: Any) -> int | float:
    """A number; neither NaN nor infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number")
    return value


def count(value: Any) -> int:
    """A whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a whole number")
    return value


def count_from(least: int) -> Callable[[Any], int]:
    """A whole number that is not less: with fewer builds or periods nothing is ever compared, and all passes."""

    def parse(value: Any) -> int:
        if count(value) < least:
            raise ValueError(f"a whole number from {least}")
        return int(value)

    return parse


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def texts(value: Any) -> list[str]:
    """A list of texts; one text is a list of one."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(each, str) for each in listed):
        raise ValueError("a list of texts")
    return list(listed)


def columns(value: Any) -> list[str]:
    """Names of columns."""
    try:
        return texts(value)
    except ValueError:
        raise ValueError("a list of columns, such as [order_id, line]") from None


def names(value: Any) -> list[str]:
    """Names that may be there or not."""
    return columns(value)


def column(value: Any) -> str:
    """The name of a column."""
    return text(value)


def order(value: Any) -> str:
    """The name of a column; empty where values are ordered by themselves."""
    return "" if value == "" else column(value)


def their_column(value: Any) -> str:
    """The name of a column of the table that `to` refers to."""
    return text(value)


def sql(value: Any) -> str:
    """SQL of the team's own: a condition, an expression or a query."""
    return text(value)


def query(value: Any) -> str:
    """A query of the team's own, in which `{table}` stands for the table that it is about."""
    if "{table}" not in text(value) and "{batch}" not in value:
        raise ValueError("a query with {table} in place of the table, such as `select * from {table} where a < b`")
    return text(value).strip().rstrip(";")


def values(value: Any) -> list[Any]:
    """A list of values."""
    if not isinstance(value, list | tuple) or not value or any(isinstance(each, list | dict) for each in value):
        raise ValueError("a list of values, such as [1, 2]")
    return list(value)


def bound(value: Any) -> Any:
    """A number, a date or timestamp (ISO 8601), or an SQL expression as a text."""
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value == "":
        raise ValueError("a number, a date, or an SQL expression")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number, or nothing where there is no bound")
    return value


def one_of(*words: str) -> Callable[[Any], str]:
    """One of these words."""

    def parse(value: Any) -> str:
        if value not in words:
            raise ValueError(" or ".join(f"`{word}`" for word in words))
        return str(value)

    return parse


def anything(value: Any) -> Any:
    """Whatever is written."""
    return value
