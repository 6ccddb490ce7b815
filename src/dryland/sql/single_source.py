"""Gives bare columns their table where only one table can have them, though its columns are not known."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

ITS_OWN = (exp.Query, exp.Table, exp.UDTF)  # names inside these may belong to them


def qualify_single_sources(tree: exp.Expr, unknown: frozenset[str]) -> None:
    """Qualify, in place, the bare columns of each SELECT whose only source is one of the `unknown` tables.

    A name that is also an alias of the SELECT may mean that instead: see `ambiguity`, which counts both.

    >>> from sqlglot import parse_one
    >>> tree = parse_one("select a, b as c from t where a in (select a from u)")
    >>> qualify_single_sources(tree, frozenset({"t"}))
    >>> tree.sql()
    'SELECT t.a, t.b AS c FROM t WHERE t.a IN (SELECT a FROM u)'
    """
    for select in tree.find_all(exp.Select):
        first = select.args.get("from_")
        table = first.this if first is not None else None
        if not isinstance(table, exp.Table) or table.name not in unknown or not _stands_alone(select):
            continue
        alias = table.args.get("alias")
        name = alias.this if alias is not None else table.this
        for column in _own_columns(select):
            if not column.table and column.name.lower() != name.name.lower():  # the table's name is its whole row
                column.set("table", name.copy())


def _stands_alone(select: exp.Select) -> bool:
    """Whether no other table is in sight, neither beside it nor around it."""
    if select.args.get("joins") or select.args.get("laterals"):
        return False
    node: exp.Expr = select
    while node.parent is not None:
        parent = node.parent
        if not isinstance(parent, exp.SetOperation | exp.Subquery | exp.From | exp.Select | exp.CTE | exp.With):
            return False
        if isinstance(parent, exp.Select) and not isinstance(node, exp.From | exp.With):
            return False  # what comes first in FROM sees no table that follows
        node = parent
    return True


def _own_columns(node: exp.Expr) -> Iterator[exp.Column]:
    for child in node.iter_expressions():
        if isinstance(child, exp.Column):
            yield child
        elif not isinstance(child, ITS_OWN):
            yield from _own_columns(child)
