"""Checks that a column has only values from a list; failures are the distinct values that are not in it."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Term, condition, word_for_word
from dryland.project.nodes import Check

KIND = "accepted_values"


def term(check: Check, table: exp.Table, dialect: str) -> Term:
    """Count distinct strangers; nulls are no values. With `quote: false` the list holds expressions."""
    column = exp.column(check.column, quoted=True)
    strange = exp.and_(_strange(check, dialect), *condition(check, dialect))
    distinct = exp.Count(this=exp.Distinct(expressions=[column]))
    return Term(
        failures=exp.Filter(this=distinct, expression=exp.Where(this=strange)),
        sample=_strangers(check, table, strange, names=(check.column, "times")),
        says=("1 value of {column} is not in the list", "{n} values of {column} are not in the list"),
        failing=_strangers(check, table, strange, names=("value_field", "n_records")),
    )


def _strangers(check: Check, table: exp.Table, strange: exp.Expr, *, names: tuple[str, str]) -> exp.Query:
    column = exp.column(check.column, quoted=True)
    return (
        exp.select(column.as_(names[0], quoted=True), exp.Count(this=exp.Star()).as_(names[1], quoted=True))
        .from_(table.copy())
        .where(strange.copy())
        .group_by(column.copy())
    )


def _strange(check: Check, dialect: str) -> exp.Expr:
    return exp.column(check.column, quoted=True).isin(*_accepted(check, dialect), copy=False).not_()


def _accepted(check: Check, dialect: str) -> list[exp.Expr]:
    values = [str(value) for value in check.arguments.get("values") or ()]
    if check.arguments.get("quote", True):
        return [_text(value) for value in values]
    return [word_for_word(value, f"a value of {check.name}", check, dialect, form="{}\n") for value in values]


def _text(value: str) -> exp.Expr:
    """dbt puts a value between quotes as it is, so people write `it''s`; `it's`, which fails there, means the same."""
    doubled = "'" in value and "'" not in value.replace("''", "")
    return exp.Literal.string(value.replace("''", "'") if doubled else value)
