"""Points a reader's query at another environment's views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from dryland.engines.relation import Relation
from dryland.sql.cte_reference import is_cte_reference
from dryland.sql.names import counts_capitals, folded
from dryland.sql.parse import parse_query
from dryland.sql.substitute import statement

Names = Mapping[tuple[str, str], Relation]
Edit = tuple[int, int, str]  # from, up to, what stands there instead


def retargeted(sql: str, names: Names, *, default_schema: str, dialect: str) -> str:
    """The text of a query with every table replaced that `names` knows, by (schema, name) as the dialect compares them.

    All else is left as it is written, where it is known where names stand in it.

    >>> names = {("main", "orders"): Relation("shop", "main__dev", "orders")}
    >>> retargeted("select o.ID from orders o -- all", names, default_schema="main", dialect="duckdb")
    'select o.ID from "shop"."main__dev"."orders" o'

    Raises:
        SqlError: it does not parse, or is not one query.
    """
    tree = parse_query(sql, dialect)
    found = list(_known(tree, names, default_schema, dialect))
    edits = [edit for table, relation in found for edit in _edits(table, relation, sql)]
    replaced = {(folded(table.args.get("db"), dialect), folded(table.this, dialect)) for table, _ in found}
    edits += [edit for column in _of_schemas(tree, replaced, dialect) for edit in _shortened(column, sql)]
    if None in edits:
        return str(retarget(tree, names, default_schema=default_schema, dialect=dialect).sql(dialect=dialect))
    text = sql
    for start, end, said in sorted((edit for edit in edits if edit), reverse=True):
        text = text[:start] + said + text[end:]
    return statement(text, dialect)


def retarget(tree: exp.Expr, names: Names, *, default_schema: str, dialect: str = "") -> exp.Expr:
    """Replace every table that `names` knows in the tree; the rest stays as it is.

    >>> from sqlglot import parse_one
    >>> names = {("main", "orders"): Relation("shop", "main__dev", "orders")}
    >>> retarget(parse_one("select o.id from orders o"), names, default_schema="main").sql()
    'SELECT o.id FROM "shop"."main__dev"."orders" AS o'
    """
    tree = tree.copy()
    found = list(_known(tree, names, default_schema, dialect))
    replaced = {(folded(table.args.get("db"), dialect), folded(table.this, dialect)) for table, _ in found}
    columns = list(_of_schemas(tree, replaced, dialect))
    for table, relation in found:
        _point(table, relation)
    for column in columns:
        column.set("db", None)  # main.orders.amount: the schema is another one now, `orders` still tells
        column.set("catalog", None)
    return tree


def name_key(relation: Relation, dialect: str) -> tuple[str, str]:
    """The schema and name of a table that is there, as keys of `Names`."""
    if counts_capitals(dialect):
        return relation.schema, relation.name
    return relation.schema.lower(), relation.name.lower()


def _known(
    tree: exp.Expr, names: Names, default_schema: str, dialect: str
) -> Iterator[tuple[exp.Table, Relation]]:  # fmt: skip
    default = exp.to_identifier(default_schema, quoted=True)
    for table in tree.find_all(exp.Table):
        if is_cte_reference(table, dialect) or not isinstance(table.this, exp.Identifier):
            continue
        relation = names.get((folded(table.args.get("db") or default, dialect), folded(table.this, dialect)))
        if relation is not None and table.catalog.lower() in ("", relation.database.lower()):
            yield table, relation


def _of_schemas(tree: exp.Expr, replaced: set[tuple[str, str]], dialect: str) -> Iterator[exp.Column]:
    """Columns that say which schema their table is in, when it is in another one now."""
    for column in tree.find_all(exp.Column):
        db, table = column.args.get("db"), column.args.get("table")
        if db and (folded(db, dialect), folded(table, dialect)) in replaced:
            yield column


def _edits(table: exp.Table, relation: Relation, sql: str) -> Iterator[Edit | None]:
    """What changes in the text; None where it is not known where the name stands."""
    first, last = _place(table.parts[0], sql), _place(table.parts[-1], sql)
    if first is None or last is None:
        yield None
        return
    said = ".".join(_quoted(part) for part in (relation.database, relation.schema, relation.name))
    lacks = not table.alias and table.name.lower() != relation.name.lower()
    yield first[0], last[1], f"{said} as {_quoted(table.name)}" if lacks else said


def _shortened(column: exp.Column, sql: str) -> Iterator[Edit | None]:
    first, table = _place(column.parts[0], sql), _place(column.args["table"], sql)
    yield None if first is None or table is None else (first[0], table[0], "")


def _place(name: exp.Expr, sql: str) -> tuple[int, int] | None:
    start, end = (name.meta.get(each) for each in ("start", "end"))
    if start is None or end is None or name.name not in sql[start : end + 1].replace('""', '"'):
        return None
    return int(start), int(end) + 1


def _quoted(name: str) -> str:
    return str(exp.to_identifier(name, quoted=True).sql())


def _point(table: exp.Table, relation: Relation) -> None:
    """Only the name changes: aliases, samples, pivots and joins hang on the same table."""
    if not table.alias and table.name.lower() != relation.name.lower():
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    for part, text in (("this", relation.name), ("db", relation.schema), ("catalog", relation.database)):
        table.set(part, exp.to_identifier(text, quoted=True))
