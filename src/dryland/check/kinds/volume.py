"""Checks that a table did not grow or shrink beyond bounds since the builds before it; a failure is one.

Of the first build nothing can be said, and it passes.
"""

from __future__ import annotations

from statistics import median

from sqlglot import exp

from dryland.check.forms import whole_fails
from dryland.check.history import beyond, change_said
from dryland.check.kinds.arguments import count_from, number
from dryland.check.kinds.kind import Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Compare the number of rows with the median of the last `builds` (5): `min_change: -0.5` lets half of them go."""
    before = [profile.rows for profile in asked.history[: asked.arguments.get("builds", 5)]]
    usual = median(before) if before else None
    rows = exp.Count(this=exp.Star())
    says = f"the number of rows changed by more than {change_said(asked)}"
    shown = {"rows": rows, "rows before": exp.convert(usual)}
    return whole_fails(asked, beyond(rows, usual, asked), says, shown)


KIND = Kind(
    "volume", term, about="table", takes={"min_change": number, "max_change": number, "builds": count_from(1)},
    needs=("min_change|max_change",), uses_history=True,
)  # fmt: skip
