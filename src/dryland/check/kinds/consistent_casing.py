"""Checks that no value is there in upper and lower case both; failures are values in lower case."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import flag
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Group by the lower case, and count the ways in which each is written.

    Under the name of dbt_expectations null is another way of writing, unless `display_inconsistent_columns` is true.
    """
    lower = exp.Lower(this=asked.text)
    ways = exp.Count(this=exp.Distinct(expressions=[asked.value]))
    query = exp.select(lower.as_("value"), ways.as_("ways")).from_(asked.table.copy()).where(*asked.conditions)
    wrong: exp.Expr = exp.GT(this=ways.copy(), expression=exp.Literal.number(1))
    if asked.arguments.get("display_inconsistent_columns") is False:
        wrong = exp.or_(wrong, lower.copy().is_(exp.null()))
    query = query.group_by(lower.copy()).having(wrong)
    says = f"of {asked.column} written in upper and lower case"
    return query_fails(query, (f"1 value {says}", f"{{n}} values {says}"))


KIND = Kind(
    "consistent_casing", term, of="text", is_grouped=False, takes={"display_inconsistent_columns": flag},
    also={"expect_column_values_to_have_consistent_casing": Alias(given={"display_inconsistent_columns": False})},

)  # fmt: skip
