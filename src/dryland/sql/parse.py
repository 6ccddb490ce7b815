"""Parses a query, and says where and why when it cannot."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from dryland.errors import SqlError


def parse_query(sql: str, dialect: str, *, path: str = "") -> exp.Query:
    """Return the tree of exactly one query.

    Raises:
        SqlError: it does not parse, is no query, or is more than one; the line is that of `sql`.
    """
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=dialect) if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        raise _explained(error, sql, path) from error
    except RecursionError as error:
        hint = "split it up: a list of values is better kept in a seed than in hundreds of ORs."
        raise SqlError("the SQL is nested too deep to be parsed.", hint=hint, path=path or None) from error
    if len(trees) != 1:
        what = "nothing" if not trees else f"{len(trees)} statements"
        raise SqlError(f"expected one query, found {what}.", hint="a model is one SELECT.", path=path or None)
    tree = trees[0]
    while isinstance(tree, exp.Subquery) and is_only_parentheses(tree):
        tree = tree.this
    if not isinstance(tree, exp.Query):
        kind = tree.key.upper()
        raise SqlError(
            f"expected a query, found {kind}.",
            hint="a model is one SELECT.",
            path=path or None,
            line=1 if path else None,
        )
    return tree


def is_only_parentheses(subquery: exp.Subquery) -> bool:
    """Whether nothing hangs on the parentheses: no alias, no ORDER BY, LIMIT or WITH of their own."""
    return not any(value for key, value in subquery.args.items() if key != "this")


def _explained(error: sqlglot.errors.SqlglotError, sql: str, path: str) -> SqlError:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line"), details[0].get("col")
    what = details[0].get("description") or str(error).splitlines()[0]
    lines = sql.splitlines()
    shown = lines[line - 1].strip() if line and line <= len(lines) else ""
    near = f" near `{shown[:100]}`" if shown else ""
    return SqlError(
        f"the SQL does not parse: {what.rstrip('.')}{near}.",
        hint="look at the compiled SQL with `dryland show MODEL --sql`.",
        path=path or None, line=line, column=column,
    )  # fmt: skip
