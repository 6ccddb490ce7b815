"""Says in PostgreSQL's words what DuckDB computes of numbers: division, rounding, averages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.translation.kinds import kind_of
from dryland.translation.notes import Notes
from dryland.translation.wording import made

Rule = Callable[[exp.Expr, Notes], exp.Expr | None]
DOUBLE = "DOUBLE PRECISION"


def _divide(node: exp.Expr, notes: Notes) -> exp.Expr:
    """DuckDB divides as floats, and by zero comes to infinity; PostgreSQL would divide integers as such, and fail."""
    below = node.expression
    parts = {"a": node.this, "b": below}
    if isinstance(below, exp.Literal) and not below.is_string and float(below.name) != 0:
        return made("CAST(a AS DOUBLE PRECISION) / b", **parts)
    return made(
        "CASE WHEN b = 0 THEN CAST(a AS DOUBLE PRECISION) * CAST('Infinity' AS DOUBLE PRECISION) "
        "ELSE CAST(a AS DOUBLE PRECISION) / b END", **parts,
    )  # fmt: skip


def _divide_whole(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """PostgreSQL divides integers so; of zero DuckDB makes null."""
    kinds = {kind_of(node.this), kind_of(node.expression)}
    if kinds != {"integer"}:
        notes.say(node, "`//` is translated of integers only, and these are not known to be some",
                  "cast both sides to an integer, or write floor(a / b).")  # fmt: skip
        return None
    return made("a / NULLIF(b, 0)", a=node.this, b=node.expression)


def _modulo(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    if "double" in (kind_of(node.this), kind_of(node.expression)):
        notes.say(node, "PostgreSQL has no `%` of floating-point numbers", "cast to a decimal first.")
        return None
    return made("a % NULLIF(b, 0)", a=node.this, b=node.expression)


def _average(node: exp.Expr, notes: Notes) -> exp.Expr:
    """A float in DuckDB, whatever it is of."""
    return _outside(node, DOUBLE)


def _spread(node: exp.Expr, notes: Notes) -> exp.Expr:
    return _outside(node, DOUBLE)


def _outside(node: exp.Expr, kind: str) -> exp.Expr:
    """Its value as another type; a window or a filter belongs to the aggregate, and the cast around them."""
    around = node
    while isinstance(around.parent, exp.Filter | exp.Window) and around.parent.this is around:
        around = around.parent
    if around is node:
        return exp.cast(node.copy(), kind, dialect="postgres")
    copied = around.copy()
    around.replace(exp.cast(copied, kind, dialect="postgres"))
    return None  # type: ignore[return-value]


def _round(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """Away from zero at a half, as a float where it is one; PostgreSQL rounds floats to even, and to no digits."""
    kind, digits = kind_of(node.this), node.args.get("decimals")
    if kind in ("decimal", "integer"):
        return None
    if kind != "double":
        notes.say(node, "whether this rounds a float or a decimal decides how, and that is not known",
                  "cast the value to decimal(38, 4) or double before it is rounded.")  # fmt: skip
        return None
    if digits is None:
        return made("TRUNC(CAST(a AS DOUBLE PRECISION) + 0.5 * SIGN(CAST(a AS DOUBLE PRECISION)))", a=node.this)
    return made(
        "TRUNC(CAST(a AS DOUBLE PRECISION) * POWER(10.0, n) + 0.5 * SIGN(CAST(a AS DOUBLE PRECISION)))"
        " / POWER(CAST(10 AS DOUBLE PRECISION), n)", a=node.this, n=digits,
    )  # fmt: skip


def _power(node: exp.Expr, notes: Notes) -> exp.Expr:
    return made("POWER(CAST(a AS DOUBLE PRECISION), CAST(b AS DOUBLE PRECISION))", a=node.this, b=node.expression)


def _as_double(name: str) -> Rule:
    return lambda node, notes: made(f"{name}(CAST(a AS DOUBLE PRECISION))", a=node.this)


def _logarithm(node: exp.Expr, notes: Notes) -> exp.Expr:
    base = node.this if node.args.get("expression") is not None else exp.Literal.number(10)
    value = node.args.get("expression") or node.this
    if base.name == "10":
        return made("LOG(CAST(a AS DOUBLE PRECISION))", a=value)
    return made("LN(CAST(a AS DOUBLE PRECISION)) / LN(CAST(b AS DOUBLE PRECISION))", a=value, b=base)


def _literal(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`1e3` is a float in DuckDB and a decimal in PostgreSQL."""
    if kind_of(node) == "double" and not isinstance(node.parent, exp.Cast):
        return exp.cast(node.copy(), DOUBLE, dialect="postgres")
    return None


def _sum(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """PostgreSQL adds no booleans up."""
    return made("SUM(CAST(a AS INT))", a=node.this) if kind_of(node.this) == "boolean" else None


def _count_if(node: exp.Expr, notes: Notes) -> exp.Expr:
    return made("COUNT(*) FILTER(WHERE a)", a=node.this)


def _not_a_number(node: exp.Expr, notes: Notes) -> exp.Expr:
    return made("CAST(a AS DOUBLE PRECISION) = CAST('NaN' AS DOUBLE PRECISION)", a=node.this)


def _quantile(name: str) -> Rule:
    def rule(node: exp.Expr, notes: Notes) -> exp.Expr | None:
        at = node.args.get("expression") or node.args.get("quantile") or exp.Literal.number("0.5")
        if isinstance(node.parent, exp.WithinGroup):
            return None
        return made(f"{name}(n) WITHIN GROUP (ORDER BY a)", a=node.this, n=at)

    return rule


def _at_extreme(way: str) -> Rule:
    """The value beside the largest or smallest; rows without either do not count."""
    order = f"b {way} NULLS LAST"
    text = f"(ARRAY_AGG(a ORDER BY {order}) FILTER(WHERE NOT a IS NULL AND NOT b IS NULL))[1]"

    def rule(node: exp.Expr, notes: Notes) -> exp.Expr | None:
        if isinstance(node.parent, exp.Filter | exp.Window) or node.args.get("count"):
            notes.say(node, "this is translated only by itself: without a filter, a window or a count",
                      "use row_number() in a subquery.")  # fmt: skip
            return None
        return made(text, a=node.this, b=node.expression)

    return rule


NUMBERS: Mapping[type[exp.Expr], Rule] = {
    exp.Div: _divide,
    exp.IntDiv: _divide_whole,
    exp.Mod: _modulo,
    exp.Avg: _average,
    exp.Stddev: _spread,
    exp.StddevSamp: _spread,
    exp.StddevPop: _spread,
    exp.Variance: _spread,
    exp.VariancePop: _spread,
    exp.Round: _round,
    exp.Pow: _power,
    exp.Sqrt: _as_double("SQRT"),
    exp.Ln: _as_double("LN"),
    exp.Exp: _as_double("EXP"),
    exp.Log: _logarithm,
    exp.Literal: _literal,
    exp.Sum: _sum,
    exp.CountIf: _count_if,
    exp.IsNan: _not_a_number,
    exp.Median: _quantile("PERCENTILE_CONT"),
    exp.PercentileCont: _quantile("PERCENTILE_CONT"),
    exp.PercentileDisc: _quantile("PERCENTILE_DISC"),
    exp.Quantile: _quantile("PERCENTILE_DISC"),
    exp.ArgMax: _at_extreme("DESC"),
    exp.ArgMin: _at_extreme("ASC"),
    exp.ApproxDistinct: lambda node, notes: made("COUNT(DISTINCT a)", a=node.this),
}
"""What of a tree means something else to PostgreSQL -> how it is said there; None leaves it as it is."""
