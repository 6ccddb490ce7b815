"""Tells what kind of value an expression gives, as far as its tree says so."""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

Kind = Literal["", "text", "date", "time", "timestamp", "timestamptz", "interval", "integer", "decimal", "double",
               "boolean", "list", "other"]  # fmt: skip
TYPES = exp.DType
KINDS: dict[exp.DType, Kind] = {
    **dict.fromkeys((TYPES.VARCHAR, TYPES.TEXT, TYPES.CHAR, TYPES.NVARCHAR, TYPES.NCHAR, TYPES.NAME), "text"),
    **dict.fromkeys((TYPES.DATE, TYPES.DATE32), "date"),
    **dict.fromkeys((TYPES.TIME, TYPES.TIMETZ), "time"),
    **dict.fromkeys(
        (TYPES.TIMESTAMP, TYPES.TIMESTAMPNTZ, TYPES.DATETIME, TYPES.TIMESTAMP_S, TYPES.TIMESTAMP_MS,
         TYPES.TIMESTAMP_NS), "timestamp",
    ),
    **dict.fromkeys((TYPES.TIMESTAMPTZ, TYPES.TIMESTAMPLTZ), "timestamptz"),
    TYPES.INTERVAL: "interval",
    **dict.fromkeys(
        (TYPES.TINYINT, TYPES.SMALLINT, TYPES.INT, TYPES.BIGINT, TYPES.INT128, TYPES.UTINYINT, TYPES.USMALLINT,
         TYPES.UINT, TYPES.UBIGINT, TYPES.UINT128), "integer",
    ),
    **dict.fromkeys((TYPES.DECIMAL, TYPES.BIGDECIMAL), "decimal"),
    **dict.fromkeys((TYPES.DOUBLE, TYPES.FLOAT), "double"),
    TYPES.BOOLEAN: "boolean",
    **dict.fromkeys((TYPES.ARRAY, TYPES.LIST), "list"),
    **dict.fromkeys((TYPES.STRUCT, TYPES.MAP, TYPES.JSON, TYPES.UUID, TYPES.VARBINARY, TYPES.BLOB), "other"),
}  # fmt: skip
DOUBLES = (exp.Div, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Sqrt,
           exp.Ln, exp.Exp, exp.Pow, exp.Log, exp.Corr, exp.TimeToUnix)  # fmt: skip
SAME = (exp.Min, exp.Max, exp.First, exp.Last, exp.AnyValue, exp.Neg, exp.Abs, exp.Paren, exp.Filter, exp.Window,
        exp.IgnoreNulls, exp.Distinct, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.Nullif)  # fmt: skip


def kind_of(tree: exp.Expr | None) -> Kind:
    """What it gives in DuckDB; empty when nobody can tell.

    >>> import sqlglot
    >>> [kind_of(sqlglot.parse_one(text, dialect="duckdb")) for text in ("1e3", "1.5", "7 / 2", "a")]
    ['double', 'decimal', 'double', '']
    """
    if tree is None:
        return ""
    if isinstance(tree, exp.Literal):
        return _of_literal(tree)
    if isinstance(tree, DOUBLES):
        return "double"
    known = KINDS.get(tree.type.this, "") if isinstance(tree.type, exp.DataType) else ""
    if isinstance(tree, exp.Cast):  # of what was written, whatever the warehouse makes of it
        return KINDS.get(tree.to.this, "")
    if isinstance(tree, exp.Binary) and isinstance(tree, exp.Add | exp.Sub | exp.Mul) and not known:
        return "double" if "double" in (kind_of(tree.left), kind_of(tree.right)) else ""
    if isinstance(tree, SAME):
        return kind_of(tree.this) or known
    return known


def _of_literal(tree: exp.Literal) -> Kind:
    if tree.is_string:
        return "text"
    if "e" in tree.name.lower():
        return "double"
    return "decimal" if "." in tree.name else "integer"
