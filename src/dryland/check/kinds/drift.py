"""Checks that what a profile measures of a column did not change beyond bounds since builds before; a failure is one.

Of the first build nothing can be said, and it passes. A mean, minimum or maximum is that of numbers; it has changed
when one of them is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import median

from sqlglot import exp

from dryland.check.dialects import family
from dryland.check.forms import whole_fails
from dryland.check.history import beyond, change_said
from dryland.check.kinds.arguments import count_from, number, one_of
from dryland.check.kinds.kind import Kind
from dryland.check.no_number import or_any_nan
from dryland.check.term import Asked, Term
from dryland.errors import SqlError
from dryland.state.records import Profile

MEASURES: Mapping[str, Callable[[exp.Column], exp.Expr]] = {
    "mean": lambda value: exp.Avg(this=exp.cast(value, "double")),
    "min": lambda value: exp.Min(this=value),
    "max": lambda value: exp.Max(this=value),
    "nulls": lambda value: exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=value)),
    "distinct": lambda value: exp.Count(this=exp.Distinct(expressions=[value])),
}
"""What profiles keep of every build, and how to work it out of this one."""
SHARES = frozenset({"nulls", "distinct"})  # are compared as shares of the rows: more rows have more of them


def term(asked: Asked) -> Term:
    """Compare with the median of the last `builds` (5).

    Raises:
        SqlError: builds are not measured so, for the column is of another type; carries the check's place.
    """
    name = asked.arguments["of"]
    _verify_measured(asked, name)
    usual = _usual(asked, name)
    value = MEASURES[name](asked.value)
    if name in SHARES:
        rows = exp.Nullif(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
        value = exp.Div(this=exp.cast(value, "double"), expression=rows)
    wrong = beyond(value, usual, asked)
    if usual is not None and name not in SHARES:
        wrong = or_any_nan(asked, wrong)
    says = f"{name} of {asked.column} changed by more than {change_said(asked)}"
    return whole_fails(asked, wrong, says, {name: value, f"{name} before": exp.convert(usual)})


def _usual(asked: Asked, name: str) -> float | None:
    profiles = asked.history[: asked.arguments.get("builds", 5)]
    found = [value for profile in profiles if (value := _measured(profile, asked.column, name)) is not None]
    return median(found) if found else None


def _measured(profile: Profile, column: str, name: str) -> float | None:
    of = next((said for each, said in profile.columns.items() if each.lower() == column.lower()), {})
    try:
        value = float(str(of.get(name)))  # decimals are kept as texts
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return value / max(profile.rows, 1) if name in SHARES else value


def _verify_measured(asked: Asked, name: str) -> None:
    found = asked.type_of(asked.column)
    kind = family(found) if found else "number"
    if kind == "number" or name == "nulls" or (name == "distinct" and kind != "other"):
        return
    raise SqlError(
        f"builds are not measured for the {name} of {asked.column}, which is {found}.", hint="write of: nulls.",
        path=asked.check.place.path, line=asked.check.place.line,
    )  # fmt: skip


KIND = Kind(
    "drift", term,
    takes={"of": one_of(*MEASURES), "min_change": number, "max_change": number, "builds": count_from(1)},
    needs=("of", "min_change|max_change"), uses_history=True,
)  # fmt: skip
