"""Turns long lists of texts into tables, in which the warehouse looks values up instead of comparing each."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dryland.engines.relation import Column

VALUES_FEW = 10
"""Up to here comparing is faster: on 1 million rows of texts 10 values take 50 ms either way, 50 take 200 or 80 ms."""


def looked_up(term: exp.Expr, columns: Iterable[Column]) -> exp.Expr:
    """The same term, with long lists of texts as subqueries; `columns` are the table's.

    A literal takes on the type of what it is compared with, a column does not: only what is text anyway is looked up.

    >>> from sqlglot import parse_one
    >>> term = parse_one("COUNT_IF(x IN ('0','1','2','3','4','5','6','7','8','9','10'))", dialect="duckdb")
    >>> looked_up(term, [Column("x", "VARCHAR")]).sql("duckdb")[:48]
    "COUNT_IF(x IN (SELECT UNNEST(['0', '1', '2', '3'"
    >>> looked_up(term, [Column("x", "INTEGER")]) == term
    True
    """
    if not any(len(each.expressions) > VALUES_FEW for each in term.find_all(exp.In)):
        return term
    texts = {column.name.lower() for column in columns if column.type.upper() == "VARCHAR"}
    changed = term.copy()
    for each in [each for each in changed.find_all(exp.In) if _is_long(each, texts)]:
        rows = exp.select(exp.Explode(this=exp.Array(expressions=each.expressions)))
        each.set("expressions", [])
        each.set("query", rows.subquery())
    return changed


def _is_long(tree: exp.In, texts: set[str]) -> bool:
    value = tree.this.unnest()
    is_of_texts = isinstance(value, exp.Column) and value.name.lower() in texts
    return len(tree.expressions) > VALUES_FEW and all(_is_text(each, is_of_texts) for each in tree.expressions)


def _is_text(tree: exp.Expr, is_of_texts: bool) -> bool:
    value = tree.unnest()
    if isinstance(value, exp.Cast):
        return isinstance(value.this, exp.Literal) and str(value.to) == "TEXT"
    return is_of_texts and isinstance(value, exp.Literal) and bool(value.is_string)
