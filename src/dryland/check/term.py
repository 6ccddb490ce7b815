"""Defines what a kind of check contributes to a scan, and the pieces that kinds share."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

from dryland.errors import SqlError
from dryland.project.nodes import Check


@dataclass(frozen=True, slots=True)
class Term:
    """How a check is answered: what counts its failures, and a query for what offends.

    Where failures are rows, `offending` is the condition on them, and the count of those may be had cheaper (see
    `check.cheap`); else `failures` is an aggregate or a scalar subquery.
    """

    sample: exp.Query
    says: tuple[str, str]  # of one and of many, with {n} and {column}
    failing: exp.Query | None = None  # dbt's form of the sample, when its columns have names of their own
    offending: exp.Expr | None = None
    failures: exp.Expr | None = None
    unique: exp.Column | None = None  # the column of which no value may be there twice, in all rows


def condition(check: Check, dialect: str) -> list[exp.Expr]:
    """The check's `where`, as a list of none or one.

    Raises:
        SqlError: its parentheses or quotes do not close; carries the check's place.
    """
    if not check.where:
        return []
    return [word_for_word(check.where, f"the `where` of {check.name}", check, dialect, form="(\n{}\n)")]


def word_for_word(text: str, what: str, check: Check, dialect: str, *, form: str = "{}") -> exp.Expr:
    """SQL of the team's own, untouched: the warehouse alone decides what it means, and may refuse this one check.

    It must be closed in itself, or it could change the questions that stand beside it. A line break after it keeps a
    comment at its end from swallowing what follows.

    Raises:
        SqlError: its parentheses or quotes do not close; carries the check's place.
    """
    if not _is_closed(text, dialect):
        raise SqlError(
            f"{what} is not closed in itself: {text}", hint="a parenthesis or a quote is missing.",
            path=check.place.path, line=check.place.line,
        )  # fmt: skip
    return exp.Var(this=form.format(text))


def _is_closed(text: str, dialect: str) -> bool:
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except TokenError:
        return False
    depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth < 0 or token.token_type is TokenType.SEMICOLON:
            return False
    return depth == 0


def within(offending: exp.Expr, check: Check, dialect: str) -> exp.Expr:
    """The rows that offend, of those that the check is about."""
    return exp.and_(offending.copy(), *condition(check, dialect))


def failing_rows(offending: exp.Expr, check: Check, table: exp.Table, dialect: str) -> exp.Query:
    """The rows that offend, whole."""
    return exp.select("*").from_(table.copy()).where(offending.copy(), *condition(check, dialect))
