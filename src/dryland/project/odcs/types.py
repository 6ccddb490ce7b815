"""Says which logical type of ODCS a type of the warehouse is."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp

Kind = exp.DType
LOGICAL: Mapping[str, frozenset[Kind]] = {
    "string": frozenset(exp.DataType.TEXT_TYPES),
    "integer": frozenset(exp.DataType.INTEGER_TYPES),
    "number": frozenset(exp.DataType.REAL_TYPES),
    "boolean": frozenset({Kind.BOOLEAN}),
    "date": frozenset({Kind.DATE, Kind.DATE32}),
    "time": frozenset({Kind.TIME, Kind.TIMETZ}),
    "timestamp": frozenset(exp.DataType.TEMPORAL_TYPES) - {Kind.DATE, Kind.DATE32, Kind.TIME, Kind.TIMETZ},
    "array": frozenset(exp.DataType.ARRAY_TYPES),
    "object": frozenset(exp.DataType.NESTED_TYPES) - frozenset(exp.DataType.ARRAY_TYPES) | {Kind.JSON},
}


def parse_type(text: str, dialect: str) -> exp.DataType | None:
    """A type as a tree; None when it is none that sqlglot knows.

    >>> parse_type("int", "duckdb") == parse_type("INTEGER", "duckdb")
    True
    """
    try:
        return exp.DataType.build(text, dialect=dialect or None, udt=True)
    except sqlglot.errors.SqlglotError:
        return None


def logical_type(physical: str, dialect: str) -> str:
    """ODCS's word for a type of the warehouse; empty where it has none.

    >>> logical_type("decimal(10, 2)", "duckdb"), logical_type("varchar[]", "duckdb")
    ('number', 'array')
    """
    tree = parse_type(physical, dialect)
    if tree is None:
        return ""
    return next((name for name, kinds in LOGICAL.items() if tree.this in kinds), "")
