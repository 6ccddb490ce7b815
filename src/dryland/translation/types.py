"""Works out the types of a query's expressions, as DuckDB has them where sqlglot would have others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import TypeAnnotator, annotate_types

TYPES = exp.DType
NUMBERS = (
    TYPES.TINYINT, TYPES.UTINYINT, TYPES.SMALLINT, TYPES.USMALLINT, TYPES.INT, TYPES.UINT, TYPES.BIGINT, TYPES.UBIGINT,
    TYPES.INT128, TYPES.UINT128, TYPES.DECIMAL, TYPES.FLOAT, TYPES.DOUBLE,
)  # fmt: skip
"""Each becomes any that comes after it, when two meet: a decimal and a float are a float."""
INTO = {**TypeAnnotator.COERCES_TO, **{kind: set(NUMBERS[at + 1 :]) for at, kind in enumerate(NUMBERS)}}
MOMENTS = (TYPES.TIMESTAMP, TYPES.TIMESTAMPTZ, TYPES.TIMESTAMPNTZ)
Annotate = Callable[[Any, Any], Any]


def typed(tree: exp.Expr, schema: dict[str, object], written: str) -> exp.Expr:
    """The tree with the type of each expression, as far as it can be told.

    How many digits a decimal has is left out: it decides no words.
    """
    metadata = {**Dialect.get_or_raise(written).EXPRESSION_METADATA, **OTHERWISE}
    return annotate_types(tree, schema=schema, dialect=written, expression_metadata=metadata, coerces_to=INTO)


def bare(kind: str, written: str) -> exp.DataType:
    """A type without the digits of a decimal; unknown when there is no such type.

    >>> [bare(each, "duckdb").sql("duckdb") for each in ("DECIMAL(10, 2)", "VARCHAR", "no such type", "")]
    ['DECIMAL', 'TEXT', 'UNKNOWN', 'UNKNOWN']
    """
    try:
        found = exp.DataType.build(kind or "unknown", dialect=written)
    except (SqlglotError, ValueError):
        return exp.DataType(this=TYPES.UNKNOWN)
    return exp.DataType(this=TYPES.DECIMAL) if found.this == TYPES.DECIMAL else found


def _as(kind: exp.DType) -> Annotate:
    return lambda annotator, node: annotator._set_type(node, kind)


def _of_literal(annotator: Any, node: exp.Literal) -> Any:
    if node.is_string:
        return annotator._set_type(node, TYPES.VARCHAR)
    if node.is_int:
        return annotator._set_type(node, TYPES.INT)
    return annotator._set_type(node, TYPES.DOUBLE if "e" in node.name.lower() else TYPES.DECIMAL)


def _of_cast(annotator: Any, node: exp.Cast) -> Any:
    """Without digits, which would keep a decimal from becoming a float where it meets one."""
    return annotator._set_type(node, TYPES.DECIMAL if node.to.this == TYPES.DECIMAL else node.to)


def _of_difference(annotator: Any, node: exp.Sub) -> Any:
    """Between dates lie days, between moments an interval."""
    kinds = [each.type.this if each.type else None for each in (node.left, node.right)]
    if kinds == [TYPES.DATE, TYPES.DATE]:
        return annotator._set_type(node, TYPES.BIGINT)
    if all(kind in (*MOMENTS, TYPES.DATE) for kind in kinds):
        return annotator._set_type(node, TYPES.INTERVAL)
    return annotator._annotate_binary(node)


def _of_sum(annotator: Any, node: exp.Sum) -> Any:
    kind = node.this.type.this if node.this.type else None
    if kind in (TYPES.DECIMAL, TYPES.DOUBLE, TYPES.FLOAT):
        return annotator._set_type(node, TYPES.DECIMAL if kind == TYPES.DECIMAL else TYPES.DOUBLE)
    return annotator._set_type(node, TYPES.INT128 if kind in (*NUMBERS, TYPES.BOOLEAN) else TYPES.UNKNOWN)


def _as_first(annotator: Any, node: exp.Expr) -> Any:
    return annotator._annotate_by_args(node, "this")


OTHERWISE: dict[type[exp.Expr], dict[str, Any]] = {
    kind: {"annotator": annotate}
    for kind, annotate in {
        exp.Div: _as(TYPES.DOUBLE),
        exp.Avg: _as(TYPES.DOUBLE),
        exp.Literal: _of_literal,
        exp.Cast: _of_cast,
        exp.TryCast: _of_cast,
        exp.Sub: _of_difference,
        exp.Sum: _of_sum,
        exp.CountIf: _as(TYPES.INT128),
        exp.RegexpReplace: _as(TYPES.VARCHAR),
        exp.SplitPart: _as(TYPES.VARCHAR),
        exp.ArgMax: _as_first,
        exp.ArgMin: _as_first,
    }.items()
}
