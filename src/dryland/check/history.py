"""Compares a measure with what it was in builds before."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Asked


def beyond(value: exp.Expr, usual: float | None, asked: Asked) -> exp.Expr:
    """That a value is further from the usual one than `min_change` and `max_change` allow, both shares of it.

    `max_change: 0.5` allows half as much more, `min_change: -0.5` half as much less. Where nothing is usual yet
    nothing is beyond it; from nothing every growth is.
    """
    if usual is None:
        return exp.false()
    low, high = asked.arguments.get("min_change"), asked.arguments.get("max_change")
    parts: list[exp.Expr] = []
    if low is not None:
        parts.append(exp.LT(this=value.copy(), expression=exp.convert(usual + low * abs(usual))))
    if high is not None:
        parts.append(exp.GT(this=value.copy(), expression=exp.convert(usual + high * abs(usual))))
    return exp.or_(*parts)


def change_said(asked: Asked) -> str:
    """The bounds in words.

    `-50 % or +100 %`
    """
    bounds = (asked.arguments.get("min_change"), asked.arguments.get("max_change"))
    return " or ".join(f"{bound:+.0%}".replace("%", " %") for bound in bounds if bound is not None)
