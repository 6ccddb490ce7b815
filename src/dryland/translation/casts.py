"""Says in PostgreSQL's words what DuckDB makes of a value as another type, and how its types are called there."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp

from dryland.translation.kinds import KINDS, kind_of
from dryland.translation.notes import Notes
from dryland.translation.times import PLAIN_DATE
from dryland.translation.wording import made

TYPES = exp.DType
CALLED: Mapping[exp.DType, str] = {
    TYPES.INT128: "DECIMAL(38, 0)", TYPES.UINT128: "DECIMAL(39, 0)", TYPES.UBIGINT: "DECIMAL(20, 0)",
    TYPES.UINT: "BIGINT", TYPES.USMALLINT: "INT", TYPES.UTINYINT: "SMALLINT", TYPES.TINYINT: "SMALLINT",
    TYPES.TIMESTAMP_S: "TIMESTAMP", TYPES.TIMESTAMP_MS: "TIMESTAMP", TYPES.TIMESTAMP_NS: "TIMESTAMP",
    TYPES.DATETIME: "TIMESTAMP", TYPES.DOUBLE: "DOUBLE PRECISION", TYPES.FLOAT: "REAL",
}  # fmt: skip
"""DuckDB's types that PostgreSQL calls otherwise, or has only wider."""
FOREIGN = frozenset({TYPES.STRUCT, TYPES.MAP, TYPES.UNION, TYPES.ENUM})
AS_TEXT: Mapping[str, str] = {
    "date": "TO_CHAR(a, 'YYYY-MM-DD')",
    "timestamp": "RTRIM(RTRIM(TO_CHAR(a, 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.')",
}
"""Moments as text, whatever the session's `datestyle`."""
PLAIN_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
ROWS_MAX = {"SMALLINT": "32767", "INT": "2147483647", "BIGINT": "9223372036854775807"}


def type_named(text: str, written: str) -> str:
    """A type that YAML names, as PostgreSQL calls it; what is no type here is left to the warehouse.

    >>> [type_named(each, "duckdb") for each in ("varchar", "double", "hugeint", "decimal(10, 2)", "citext")]
    ['TEXT', 'DOUBLE PRECISION', 'DECIMAL(38, 0)', 'DECIMAL(10, 2)', 'citext']
    """
    try:
        kind = exp.DataType.build(text, dialect=written)
    except (sqlglot.errors.SqlglotError, ValueError):
        return text
    return called(kind).sql(dialect="postgres")


def called(kind: exp.DataType) -> exp.DataType:
    """The type as PostgreSQL calls it; the element of a list as well."""
    name = CALLED.get(kind.this)
    if name:
        return exp.DataType.build(name, dialect="postgres")
    copied = kind.copy()
    for inner in list(copied.find_all(exp.DataType)):
        if inner is not copied and inner.this in CALLED:
            inner.replace(exp.DataType.build(CALLED[inner.this], dialect="postgres"))
    return copied


def cast(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`cast` and `::`."""
    assert isinstance(node, exp.Cast)
    if node.to.this in FOREIGN:
        notes.say(node, "PostgreSQL has no such type", "keep each part in a column of its own, or all of it as JSON.")
        return None
    source, target = kind_of(node.this), KINDS.get(node.to.this, "")
    to = called(node.to)
    if source == "boolean" and target in ("integer", "decimal", "double"):
        return made("CAST(CAST(a AS INT) AS INT)", a=node.this) if to.sql("postgres") == "INT" else _twice(node, to)
    if source == "double" and target == "text":
        notes.say(node, "floating-point numbers are written otherwise as text (`1.0`, `1`)",
                  "cast to a decimal before the cast to text.")  # fmt: skip
        return None
    if target == "text" and source in AS_TEXT:
        return made(AS_TEXT[source], a=node.this)
    if target == "text" and source == "timestamptz":
        notes.say(node, "how a moment is written as text is decided by the session's time zone",
                  "say `at time zone 'UTC'` before the cast to text.")  # fmt: skip
        return None
    if source == "double" and target == "decimal":
        return _rounded(node, to)
    if source == "text" and target == "integer":
        return _typed(made("ROUND(CAST(a AS DECIMAL))", a=node.this), to)
    if target == "boolean" and source in ("integer", "decimal", "double"):
        return made("a <> 0", a=node.this)
    node.set("to", to)
    return None


def _twice(node: exp.Expr, to: exp.DataType) -> exp.Expr:
    return _typed(made("CAST(a AS INT)", a=node.this), to)


def _typed(value: exp.Expr, to: exp.DataType) -> exp.Expr:
    return exp.Cast(this=value, to=to.copy())


def _rounded(node: exp.Cast, to: exp.DataType) -> exp.Expr:
    """DuckDB rounds what is as many times as large, as a float; PostgreSQL the digits that it would show."""
    scale = to.expressions[1].name if len(to.expressions) > 1 else ("0" if to.expressions else "3")
    power = exp.Literal.number(10 ** int(scale))
    many = made(
        "CAST(TRUNC(CAST(a AS DOUBLE PRECISION) * b + 0.5 * SIGN(CAST(a AS DOUBLE PRECISION))) AS DECIMAL) / b",
        a=node.this, b=power,
    )  # fmt: skip
    return _typed(many, to)


def try_cast(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """Null where the text is no such value; PostgreSQL takes more texts for moments than DuckDB does."""
    assert isinstance(node, exp.Cast)
    to = called(node.to)
    name, target, source = to.sql("postgres"), KINDS.get(node.to.this, ""), kind_of(node.this)
    if source not in ("text", ""):
        notes.say(node, "try_cast is translated of texts only", "cast to varchar first, or use case.")
        return None
    text = made("CAST(a AS TEXT)", a=node.this)
    if target in ("date", "timestamp", "timestamptz"):
        return _where(text, PLAIN_DATE, name, made("a", a=text), to)
    if target == "integer" and name in ROWS_MAX:
        return _whole_number(text, name, to)
    if target in ("decimal", "double"):
        return _where(text, PLAIN_NUMBER, name, text, to)
    notes.say(node, f"there is no translation of try_cast to {name.lower()}", "use case, and cast what fits.")
    return None


def _where(text: exp.Expr, pattern: str, name: str, value: exp.Expr, to: exp.DataType) -> exp.Expr:
    return made(
        "CASE WHEN a ~ p AND PG_INPUT_IS_VALID(a, n) THEN c END", a=text, p=exp.Literal.string(pattern),
        n=exp.Literal.string(name.lower()), c=_typed(value, to),
    )  # fmt: skip


def _whole_number(text: exp.Expr, name: str, to: exp.DataType) -> exp.Expr:
    """Rounded, where that fits the type."""
    number = made("ROUND(CAST(a AS DECIMAL))", a=text)
    return made(
        "CASE WHEN a ~ p THEN CASE WHEN n BETWEEN - m - 1 AND m THEN c END END", a=text,
        p=exp.Literal.string(PLAIN_NUMBER), n=number, m=exp.Literal.number(ROWS_MAX[name]), c=_typed(number, to),
    )  # fmt: skip
