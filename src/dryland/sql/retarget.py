"""Points a reader's query at another environment's views."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.engines.relation import Relation
from dryland.sql.cte_reference import is_cte_reference


def retarget(tree: exp.Expr, names: Mapping[tuple[str, str], Relation], *, default_schema: str) -> exp.Expr:
    """Replace every table that `names` knows, by (schema, name) in lower case; the rest stays as it is.

    >>> from sqlglot import parse_one
    >>> names = {("main", "orders"): Relation("shop", "main__dev", "orders")}
    >>> retarget(parse_one("select o.id from orders o"), names, default_schema="main").sql()
    'SELECT o.id FROM "shop"."main__dev"."orders" AS o'
    """
    tree = tree.copy()
    replaced = set()
    for table in [table for table in tree.find_all(exp.Table) if not is_cte_reference(table)]:
        schema, name = (table.db or default_schema).lower(), table.name.lower()
        relation = names.get((schema, name))
        if relation is None or table.catalog.lower() not in ("", relation.database.lower()):
            continue
        _point(table, relation)
        replaced.add((schema, name))
    for column in tree.find_all(exp.Column):
        if (column.args.get("db") and (column.text("db").lower(), column.table.lower())) in replaced:
            column.set("db", None)  # main.orders.amount: the schema is another one now, `orders` still tells
            column.set("catalog", None)
    return tree


def _point(table: exp.Table, relation: Relation) -> None:
    """Only the name changes: aliases, samples, pivots and joins hang on the same table."""
    if not table.alias and table.name.lower() != relation.name.lower():
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    for part, text in (("this", relation.name), ("db", relation.schema), ("catalog", relation.database)):
        table.set(part, exp.to_identifier(text, quoted=True))
