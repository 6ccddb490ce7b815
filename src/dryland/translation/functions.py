"""Lists functions that DuckDB and PostgreSQL have alike, and those that only go by another name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.translation.notes import Notes
from dryland.translation.times import date_part, epoch, try_read
from dryland.translation.wording import made

Rule = Callable[[exp.Expr, Notes], exp.Expr | None]

ALIKE: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Abs, exp.And, exp.AnyValue, exp.Array, exp.ArrayAgg, exp.Ascii, exp.ArrayToString, exp.BitwiseAndAgg,
        exp.BitwiseOrAgg, exp.Case, exp.Cast, exp.Cbrt, exp.Ceil, exp.Chr, exp.Coalesce, exp.Concat, exp.ConcatWs,
        exp.Corr, exp.Cos, exp.Count, exp.CovarPop, exp.CovarSamp, exp.CumeDist, exp.CurrentDate,
        exp.CurrentTimestamp, exp.DateAdd, exp.DateSub, exp.DenseRank, exp.Exists, exp.Explode, exp.FirstValue,
        exp.Floor, exp.GenerateSeries, exp.ExplodingGenerateSeries, exp.GroupConcat, exp.If, exp.Initcap, exp.Lag,
        exp.LastDay, exp.LastValue, exp.Lead, exp.Left, exp.Localtimestamp, exp.LogicalAnd, exp.LogicalOr,
        exp.Lower, exp.MD5, exp.NthValue, exp.Ntile, exp.Nullif, exp.Or, exp.Pad, exp.PercentRank, exp.Pi, exp.Rank,
        exp.Repeat, exp.Replace, exp.Reverse, exp.Right, exp.RowNumber, exp.Sign, exp.Sin, exp.SplitPart,
        exp.StartsWith, exp.StrPosition, exp.Tan, exp.Translate, exp.Trim, exp.Trunc, exp.Unicode, exp.Unnest,
        exp.UnixToTime, exp.Upper, exp.Uuid, exp.Xor, exp.Rand, exp.Collate,
    }
)  # fmt: skip
"""Functions that sqlglot writes for PostgreSQL so that they give what DuckDB's give."""


def _same(name: str) -> Rule:
    return lambda node, notes: made(f"{name}(a)", a=node.expressions[0])


NAMED: Mapping[str, Rule] = {
    "age": lambda node, notes: None,
    "date_part": date_part,
    "datepart": date_part,
    "epoch": lambda node, notes: epoch(node.expressions[0]),
    "gcd": lambda node, notes: None,
    "get_current_timestamp": lambda node, notes: exp.CurrentTimestamp(),
    "lcm": lambda node, notes: None,
    "ltrim": lambda node, notes: None,
    "now": lambda node, notes: None,
    "ord": _same("ASCII"),
    "prefix": lambda node, notes: made("STARTS_WITH(a, b)", a=node.expressions[0], b=node.expressions[1]),
    "row": lambda node, notes: None,
    "rtrim": lambda node, notes: None,
    "suffix": lambda node, notes: made("RIGHT(a, LENGTH(b)) = b", a=node.expressions[0], b=node.expressions[1]),
    "try_strptime": try_read,
}
"""Functions by name that sqlglot has no class for; what is not here has no translation."""


def by_name(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """A function that only its name tells."""
    name = str(node.this).lower()
    rule = NAMED.get(name)
    if rule is None:
        notes.say(node, f"there is no translation of the function `{name}`", HINT)
        return None
    return rule(node, notes)


HINT = "write it in words that both have, or give the model its own SQL by `dialect`."


def _into_nulls_ignored(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`any_value` passes over nulls in both."""
    if isinstance(node.this, exp.AnyValue):
        return node.this.copy()
    notes.say(node, "PostgreSQL knows no IGNORE NULLS", "filter nulls out before.")
    return None


FUNCTIONS: Mapping[type[exp.Expr], Rule] = {
    exp.Anonymous: by_name,
    exp.IgnoreNulls: _into_nulls_ignored,
}
"""What else is a function -> how PostgreSQL says it."""
