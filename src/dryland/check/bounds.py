"""Writes that a value is outside of bounds: `min_value` and `max_value`, each of which may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from dryland.check.kinds.arguments import MOMENT, bound, flag
from dryland.check.kinds.kind import Parse
from dryland.check.term import Asked

TAKES: Mapping[str, Parse] = {
    "min_value": bound, "max_value": bound, "inclusive": flag,
    "strictly": flag, "strict_min": flag, "strict_max": flag,  # what dbt_expectations and Great Expectations say
}  # fmt: skip
WRONG: Mapping[str, tuple[type[exp.Binary], type[exp.Binary]]] = {
    "min_value": (exp.LT, exp.LTE), "max_value": (exp.GT, exp.GTE),
}  # fmt: skip
"""What is wrong of a value that is compared with a bound: where the bound itself is allowed, and where not."""
NEEDS = ("min_value|max_value",)


def outside(value: exp.Expr, asked: Asked) -> exp.Expr:
    """That a value is below the least or above the most that is allowed; null is neither."""
    parts: list[exp.Expr] = []
    for word, (wrong, wrong_too) in WRONG.items():
        if asked.arguments.get(word) is not None:
            comparison = wrong if _has_bound(word, asked) else wrong_too
            parts.append(comparison(this=value.copy(), expression=limit(asked.arguments[word], word, asked)))
    return exp.or_(*parts)


def _has_bound(word: str, asked: Asked) -> bool:
    """Whether the bound itself is allowed."""
    given = asked.arguments
    is_strict = given.get("strictly", False) or given.get(f"strict_{word.removesuffix('_value')}", False)
    return bool(given.get("inclusive", True)) and not is_strict


def limit(value: Any, word: str, asked: Asked) -> exp.Expr:
    """A bound as SQL: a number, a moment, or the team's own expression."""
    if isinstance(value, str) and not MOMENT.fullmatch(value):
        return asked.expression(value, word)
    if isinstance(value, str) and "WITH TIME ZONE" in asked.type_of(asked.column):
        value = _in_utc(value)
    literal: exp.Expr = exp.convert(value)
    return literal


def _in_utc(value: str) -> str:
    """A moment with its zone: without one it would be another moment wherever the clock is set otherwise.

    >>> _in_utc("2026-01-01"), _in_utc("2026-01-01 06:00+02")
    ('2026-01-01 00:00:00+00', '2026-01-01 06:00+02')
    """
    found = MOMENT.fullmatch(value)
    if found is None or found["zone"]:
        return value
    return f"{value}{'' if found['time'] else ' 00:00:00'}+00"


def said(asked: Asked) -> str:
    """The bounds in words.

    `at least 0 and below 5`
    """
    low, high = asked.arguments.get("min_value"), asked.arguments.get("max_value")
    words = [f"{'at least' if _has_bound('min_value', asked) else 'above'} {low}"] if low is not None else []
    words += [f"{'at most' if _has_bound('max_value', asked) else 'below'} {high}"] if high is not None else []
    return " and ".join(words)
