"""Decides whether a model may be asked about the rows of many unit tests in one query.

There the database itself keeps the rows of the tests apart: it moves the number of the test through every join, group
and window. DuckDB does that right for the forms that are listed here, and wrongly for some that are not: a correlated
subquery, ASOF joins and grouping sets give other rows then. What takes rows in the order in which they come is not
listed either, nor what nobody knows, such as functions of the team's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from dryland.errors import DrylandError
from dryland.sql.parse import parse_query

FORMS: tuple[type[exp.Expr], ...] = (
    exp.Alias, exp.Between, exp.Binary, exp.Boolean, exp.Case, exp.Cast, exp.Column, exp.CTE, exp.DataType,
    exp.DataTypeParam, exp.Distinct, exp.Filter, exp.From, exp.Group, exp.Having, exp.Identifier, exp.In,
    exp.Interval, exp.Join, exp.Literal, exp.Neg, exp.Not, exp.Null, exp.Order, exp.Ordered, exp.Paren, exp.Qualify,
    exp.Select, exp.SetOperation, exp.Star, exp.Subquery, exp.Table, exp.TableAlias, exp.Tuple, exp.Var, exp.Where,
    exp.Window, exp.WindowSpec, exp.With,
)  # fmt: skip
AGGREGATES: tuple[type[exp.Expr], ...] = (
    exp.Avg, exp.Count, exp.CountIf, exp.CumeDist, exp.DenseRank, exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead,
    exp.LogicalAnd, exp.LogicalOr, exp.Max, exp.Median, exp.Min, exp.Ntile, exp.PercentRank, exp.Rank, exp.RowNumber,
    exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum, exp.Variance, exp.VariancePop,
)  # fmt: skip
UNKNOWN: tuple[type[exp.Expr], ...] = (exp.AggFunc, exp.Anonymous, exp.SubqueryPredicate, exp.UDTF)
JOINS = frozenset({"", "INNER", "CROSS", "LEFT", "LEFT OUTER", "RIGHT", "RIGHT OUTER"})
NEEDS_ORDER: tuple[type[exp.Expr], ...] = (exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead, exp.Ntile, exp.RowNumber)

Columns = Mapping[str, Iterable[str]]
"""The name under which a model reads an input -> the names of its columns."""


BY_THEMSELVES = frozenset({"postgres"})
"""Dialects whose databases work a lateral subquery out for each row by itself, whatever it is."""


def keeps_apart(queries: Iterable[str], inputs: Columns, dialect: str = "duckdb") -> bool:
    """Whether the rows of many tests can go through these queries without getting mixed.

    >>> orders = {"orders": ["id", "name"]}
    >>> keeps_apart(["select name, count(*) from orders where id > (select max(id) from orders) group by name"], orders)
    True
    >>> keeps_apart(["select id from orders where id in (select max(id) from orders)"], orders)
    False
    """
    if dialect in BY_THEMSELVES:
        return True
    known = {name.lower(): {column.lower() for column in columns} for name, columns in inputs.items()}
    try:
        return all(_is_apart(node, known) for sql in queries for node in parse_query(sql, dialect).walk())
    except DrylandError:
        return False


def _is_apart(node: exp.Expr, inputs: Mapping[str, set[str]]) -> bool:
    match node:
        case exp.Join():
            return not node.method and f"{node.side} {node.kind}".strip().upper() in JOINS
        case exp.Group():
            return not any(node.args.get(form) for form in ("rollup", "cube", "grouping_sets", "totals"))
        case exp.Distinct():
            return not node.args.get("on")
        case exp.With():
            return not node.recursive
        case exp.In():
            return not any(node.args.get(form) for form in ("query", "unnest", "field"))
        case exp.Subquery():
            return _is_table(node) or _reads_one_input(node, inputs)
        case exp.Window():
            return bool(node.args.get("order")) or not isinstance(node.this, NEEDS_ORDER)
        case exp.Table():
            return isinstance(node.this, exp.Identifier) and not node.args.get("pivots")
        case exp.Select():
            return not any(node.args.get(form) for form in ("limit", "offset", "laterals", "sample", "windows"))
    is_listed = isinstance(node, (*FORMS, *AGGREGATES))
    return is_listed or (isinstance(node, exp.Func) and not isinstance(node, UNKNOWN))


def _is_table(node: exp.Subquery) -> bool:
    """Whether it stands where a table would, or is one side of a set operation."""
    return isinstance(node.parent, exp.From | exp.Join | exp.SetOperation | exp.CTE | exp.Subquery) and not (
        isinstance(node.parent, exp.Join) and node.arg_key != "this"
    )


def _reads_one_input(node: exp.Subquery, inputs: Mapping[str, set[str]]) -> bool:
    """Whether it reads nothing but an input: a column of the query around it would make it a correlated one."""
    query = node.this
    if not isinstance(query, exp.Select) or query.args.get("joins") or query.args.get("with_"):
        return False
    read = query.args.get("from_")
    if read is None or not isinstance(read.this, exp.Table) or query.find(exp.Subquery):
        return False
    columns, alias = inputs.get(read.this.name.lower(), set()), read.this.alias_or_name.lower()
    return all(
        column.name.lower() in columns and column.table.lower() in ("", alias) for column in query.find_all(exp.Column)
    )
