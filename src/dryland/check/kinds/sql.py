"""Checks that a query of the team's own gives no rows; failures are its rows, and `{table}` stands for the table."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import query
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term
from dryland.check.writing import render_sql


def term(asked: Asked) -> Term:
    """The query is sent as it is; of one that reads other tables make a singular test, which can name them."""
    text = str(asked.arguments["query"])
    bare: exp.Expr = asked.table.copy()
    bare.set("alias", None)
    if asked.conditions:
        bare = exp.select("*").from_(asked.table.copy()).where(*asked.conditions).subquery()
    table = render_sql(bare, asked.dialect)
    for mark in ("{table}", "{batch}"):
        text = text.replace(mark, table)
    own = exp.Subquery(this=asked.own_sql(text, "the `query`", form="\n{}\n"), alias=exp.TableAlias(this="own"))
    return query_fails(exp.select("*").from_(own), ("its query gives 1 row", "its query gives {n} rows"))


KIND = Kind(
    "sql", term, about="table", takes={"query": query}, needs=("query",), is_grouped=False,
    also={"unexpected_rows_expectation": Alias({"unexpected_rows_query": "query"})},
)  # fmt: skip
