"""Takes views' SQL apart: what they read, how to say it from another schema, and which has to be made first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

import dryland.tilde  # noqa: F401 - it changes how SQL is read
from dryland.engines.duckdb_catalogue import Catalogue
from dryland.engines.duckdb_names import folded, quoted
from dryland.engines.relation import Relation


def is_understood(sql: str) -> bool:
    """Whether a view's statement can be taken apart at all."""
    try:
        return isinstance(sqlglot.parse_one(sql, dialect="duckdb"), exp.Create)
    except SqlglotError:
        return False


def readers_last(views: Mapping[Relation, str]) -> tuple[Relation, ...]:
    """Views, given with their statements, in an order in which DuckDB can bind them: it does so at once."""
    by_name = {folded(view): view for view in views}
    reads = {
        view: [
            by_name[there]
            for table in _tables_read(_parsed(sql))
            if (there := folded(_place(table, view))) in by_name and there != folded(view)
        ]
        for view, sql in views.items()
    }
    return tuple(TopologicalSorter(reads).static_order())


def query_anywhere(view: Relation, sql: str, catalogue: Catalogue) -> str:
    """The query of a view, as it can stand in any schema: names that its own schema explained are written out."""
    tree = _parsed(sql)
    for table in list(_tables_read(tree)):
        there = _place(table, view)
        if not table.db and there in catalogue:
            table.set("db", exp.to_identifier(there.schema, quoted=True))
            table.set("catalog", exp.to_identifier(there.database, quoted=True))
    query = str(tree.expression.sql(dialect="duckdb"))
    if isinstance(tree.this, exp.Schema) and tree.this.expressions:
        names = ", ".join(quoted(column.name) for column in tree.this.expressions)
        return f"SELECT * FROM (\n{query}\n) AS adopted({names})"
    return query


def _parsed(sql: str) -> exp.Create:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Create), sql
    return tree


def _place(table: exp.Table, view: Relation) -> Relation:
    return Relation(table.catalog or view.database, table.db or view.schema, table.name)


def _tables_read(view: exp.Create) -> Iterator[exp.Table]:
    """Tables and views; not the names that the query itself makes by WITH."""
    for table in view.expression.find_all(exp.Table):
        if table.db or not _is_made_by_with(table):
            yield table


def _is_made_by_with(table: exp.Table) -> bool:
    """A WITH is seen by its query, and by those of its own queries that come later."""
    child: exp.Expr = table
    while (parent := child.parent) is not None:
        block = parent if isinstance(parent, exp.With) else parent.args.get("with_")
        if block is not None and block is not child:
            made = block.expressions
            if parent is block:
                made = made[: made.index(child) + bool(block.args.get("recursive"))]
            if table.name.lower() in {each.alias.lower() for each in made}:
                return True
        child = parent
    return False
