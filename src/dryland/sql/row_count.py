"""Tells what in a SELECT's projections decides how many rows come out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

from dryland.sql.postgres_words import IN_ANY_WAY, SCALARS
from dryland.sql.postgres_words import SET_RETURNING as OF_POSTGRES
from dryland.sql.reading import called_as_known, is_own

SET_RETURNING = frozenset(
    """
    generate_series generate_subscripts json_array_elements json_array_elements_text json_each json_each_text
    json_object_keys jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys
    regexp_matches regexp_split_to_table string_to_table unnest range explode posexplode flatten
    """.split()
)
ROW_MAKERS: tuple[type[exp.Expr], ...] = tuple(
    getattr(exp, name)
    for name in ("UDTF", "Explode", "Posexplode", "ExplodingGenerateSeries", "Inline")
    if hasattr(exp, name)
)
ONE_FOR_ONE = SCALARS | IN_ANY_WAY
MAY_AGGREGATE = (exp.AggFunc, exp.Anonymous, exp.AnonymousAggFunc)


def makes_rows(projection: exp.Expr) -> bool:
    """Whether it gives several rows for one: unnest and its kin."""
    return any(_is_row_maker(node) for node in projection.walk())


def counts_all_columns(query: exp.Query) -> bool:
    """Whether every output column decides rows: DISTINCT, GROUP BY ALL, ORDER BY ALL."""
    group, order = query.args.get("group"), query.args.get("order")
    by_all = order is not None and any(_is_all(each) for each in order.expressions)
    return bool(query.args.get("distinct") or (group is not None and group.args.get("all")) or by_all)


def aggregation(select: exp.Select, sources: Collection[str]) -> str:
    """Without GROUP BY, whether a SELECT gives one row or many depends on its functions alone.

    A column of its own `sources` outside of any function tells that it gives many; else the names of all
    functions that may aggregate are part of the answer.
    """
    if select.args.get("group"):
        return "grouped"
    names: set[str] = set()
    for projection in select.expressions:
        for node in _outermost(projection):
            if isinstance(node, exp.Column):
                if node.table in sources:
                    return "plain"
            else:
                names.add(_function_name(node))
    return f"maybe one row: {sorted(names)}" if names else "plain"


def _is_row_maker(node: exp.Expr) -> bool:
    if isinstance(node, ROW_MAKERS):
        return True
    if not isinstance(node, exp.Anonymous):
        return False
    return str(node.this).lower() in SET_RETURNING or called_as_known(node) in OF_POSTGRES or is_own(node)


def _is_all(ordered: exp.Expr) -> bool:
    return isinstance(ordered.this, exp.Var) and ordered.this.name.upper() == "ALL"


def _outermost(projection: exp.Expr) -> Iterator[exp.Expr]:
    """Columns, and functions that may aggregate, each outside of all others of them."""
    stack = [projection]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Query):  # `(select sum(t.a))` aggregates the rows of the query around it
            yield from filter(_may_aggregate, node.find_all(*MAY_AGGREGATE))
        elif isinstance(node, exp.Column) or (_may_aggregate(node) and not _is_windowed(node)):
            yield node
        else:
            stack.extend(node.iter_expressions())


def _may_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, MAY_AGGREGATE) and called_as_known(node) not in ONE_FOR_ONE


def _is_windowed(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.Window)


def _function_name(node: exp.Expr) -> str:
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else node.key
