"""Tells a reference to a CTE from a table that happens to have the same name."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dryland.sql.names import folded


def is_cte_reference(table: exp.Table, dialect: str = "") -> bool:
    """Whether a name in FROM stands for a CTE that can be seen from there.

    >>> from sqlglot import parse_one
    >>> tree = parse_one("with orders as (select * from orders) select * from orders as reader")
    >>> {table.alias_or_name: is_cte_reference(table) for table in tree.find_all(exp.Table)}
    {'reader': True, 'orders': False}
    """
    return cte_behind(table, dialect) is not None


def cte_behind(table: exp.Table, dialect: str = "") -> exp.CTE | None:
    """The CTE for which a name in FROM stands; None for a table's.

    >>> from sqlglot import parse_one
    >>> tree = parse_one("with orders as (select 1) select * from orders, shop.orders")
    >>> [cte_behind(table) is not None for table in tree.find_all(exp.Table)]
    [True, False]
    """
    if table.db or not isinstance(table.this, exp.Identifier):
        return None
    name = folded(table.this, dialect)
    return next((cte for cte in _seen_from(table) if folded(_name_of(cte), dialect) == name), None)


def _seen_from(node: exp.Expr) -> Iterator[exp.CTE]:
    """A CTE sees those before it, itself only when it is recursive; a query sees all of its own and its readers'."""
    while node.parent is not None:
        parent = node.parent
        if isinstance(parent, exp.With):
            number = next(number for number, cte in enumerate(parent.expressions) if cte is node)
            yield from parent.expressions[: number + 1 if parent.args.get("recursive") else number]
            parent = parent.parent or parent  # the query that owns the WITH would offer all of it
        else:
            owned = parent.args.get("with_")
            yield from owned.expressions if owned is not None and owned is not node else ()
        node = parent


def _name_of(cte: exp.CTE) -> exp.Expr | None:
    alias = cte.args.get("alias")
    return alias.this if alias is not None else None
