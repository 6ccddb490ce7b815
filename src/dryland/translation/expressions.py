"""Translates SQL that is less than a query: conditions and expressions of the columns of one table."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp

from dryland.translation.problem import Problem
from dryland.translation.query import Translated, translated
from dryland.translation.tables import Known

TABLE = "dryland_checked"
REST = re.compile(r"\s*(?:[<>=!]|is\b|in\b|not\b|between\b|like\b)", re.IGNORECASE)
"""How what stands behind a column's name begins, in dbt_utils' `expression_is_true` at a column."""


def translated_expression(text: str, *, written: str, known: Known | None) -> tuple[str, tuple[Problem, ...]]:
    """An expression of a table's columns, said anew; what is only the rest of one stays as it is.

    >>> translated_expression("a / 2 > 1", written="duckdb", known=None)[0]
    '(CAST("a" AS DOUBLE PRECISION) / 2) > 1'
    """
    if REST.match(text):
        return text, ()
    query = f"select ({text}\n) as x from {TABLE}"
    found = translated(query, written=written, relations={TABLE: TABLE}, known={TABLE: known}, names_count=False)
    if found.problems:
        return text, found.problems
    return _inner(found), ()


def _inner(found: Translated) -> str:
    """The expression by itself, its columns without the name of the table."""
    tree = sqlglot.parse_one(found.sql, dialect="postgres")
    assert isinstance(tree, exp.Select)
    for column in tree.find_all(exp.Column):
        if column.table == TABLE:
            column.set("table", None)
    value = tree.selects[0].unalias()
    while isinstance(value, exp.Paren):
        value = value.this
    return str(value.sql(dialect="postgres", identify=True))
