"""Points a reader's query at another environment's views."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.engines.relation import Relation


def retarget(tree: exp.Expr, names: Mapping[tuple[str, str], Relation], *, default_schema: str) -> exp.Expr:
    """Replace every table that `names` knows, by (schema, name) in lower case; the rest stays as it is.

    >>> from sqlglot import parse_one
    >>> names = {("main", "orders"): Relation("shop", "main__dev", "orders")}
    >>> retarget(parse_one("select * from orders o"), names, default_schema="main").sql()
    'SELECT * FROM "shop"."main__dev"."orders" AS o'
    """
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}

    def replaced(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Table) or (not node.db and node.name.lower() in ctes):
            return node
        relation = names.get(((node.db or default_schema).lower(), node.name.lower()))
        if relation is None:
            return node
        here = exp.table_(relation.name, db=relation.schema, catalog=relation.database, quoted=True)
        alias = node.args.get("alias")
        here.set("alias", alias.copy() if alias else None)
        return here

    return tree.transform(replaced)
