"""Judges an expression of the team's own: of each row, or of the table where it has aggregates."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.check.forms import Says, query_fails, rows_fail
from dryland.check.term import Asked, Term
from dryland.sql.parse import parse_expression


def expression_fails(asked: Asked, text: str, wrong: Callable[[exp.Expr], exp.Expr], says: Says) -> Term:
    """Rows of which the expression is wrong fail; where it has aggregates the table does, or each of its groups."""
    value = asked.expression(text, "expression")
    if not has_aggregates(text, asked.dialect):
        return rows_fail(asked, wrong(value), says, is_of_value=False)
    groups = [exp.column(name, quoted=True) for name in asked.arguments.get("group_by") or ()]
    found = exp.select(*groups, value.as_("expression")).from_(asked.table.copy()).where(*asked.conditions)
    found = found.group_by(*(each.copy() for each in groups))
    query = exp.select("*").from_(found.subquery("found")).where(wrong(exp.column("expression")))
    whole = says[0].replace("of 1 row ", "")
    return query_fails(query, (whole, f"{{n}} groups: {whole}"))


def has_aggregates(text: str, dialect: str) -> bool:
    """Whether an expression is about many rows at once.

    >>> has_aggregates("sum(paid) > 0", "duckdb"), has_aggregates("paid > 0", "duckdb")
    (True, False)
    """
    try:
        tree = parse_expression(text, dialect)
    except SqlglotError:
        return False
    found = (each for each in tree.find_all(exp.AggFunc) if not each.find_ancestor(exp.Query))
    return any(not isinstance(each.parent, exp.Window | exp.WithinGroup) or _is_within_group(each) for each in found)


def _is_within_group(aggregate: exp.Expr) -> bool:
    around = aggregate.parent
    return isinstance(around, exp.WithinGroup) and not isinstance(around.parent, exp.Window)
