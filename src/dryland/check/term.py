"""Defines what a kind of check contributes to a scan, and the pieces that kinds share."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from dryland.errors import SqlError
from dryland.project.nodes import Check


@dataclass(frozen=True, slots=True)
class Term:
    """How a check is answered: an aggregate (or scalar subquery), and a query for what offends."""

    failures: exp.Expr
    sample: exp.Query
    says: tuple[str, str]  # of one and of many, with {n} and {column}


def condition(check: Check, dialect: str) -> list[exp.Expr]:
    """The check's `where`, as a list of none or one.

    Raises:
        SqlError: it does not parse; carries the check's place.
    """
    if not check.where:
        return []
    try:
        return [exp.paren(sqlglot.parse_one(check.where, dialect=dialect), copy=False)]
    except sqlglot.errors.SqlglotError as error:
        raise SqlError(
            f"the `where` of {check.name} does not parse: {check.where}",
            hint="it is the condition of a WHERE, without the word.",
            path=check.place.path, line=check.place.line,
        ) from error  # fmt: skip


def counted(offending: exp.Expr, check: Check, dialect: str) -> exp.Expr:
    """How many rows offend."""
    return exp.CountIf(this=exp.and_(offending.copy(), *condition(check, dialect)))


def failing_rows(offending: exp.Expr, check: Check, table: exp.Table, dialect: str) -> exp.Query:
    """The rows that offend, whole."""
    return exp.select("*").from_(table.copy()).where(offending.copy(), *condition(check, dialect))
