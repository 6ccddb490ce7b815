"""Marks names that may mean a column of the input or an alias of the same SELECT.

Databases differ in which they prefer (`select trim(name) as name ... where name <> ''`), and without a schema nobody
can tell. The analysis then counts both, so that it never reads too little.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

ALSO = "dryland_also"  # key in a node's meta: aliases of the same SELECT that the node may mean
IN_WHERE = "dryland_also_in_where"  # the same, of a SELECT's WHERE alone
CLAUSES = ("where", "group", "having", "qualify", "order", "limit", "distinct", "windows")


def mark_ambiguous(tree: exp.Expr) -> None:
    """Note on each projection and each SELECT which aliases of that SELECT it may refer to."""
    for select in tree.find_all(exp.Select):
        aliases = {
            projection.alias.lower() for projection in select.expressions
            if isinstance(projection, exp.Alias) and not is_same_column(projection)
        }  # fmt: skip
        if not aliases:
            continue
        for projection in select.expressions:
            own = projection.alias.lower() if isinstance(projection, exp.Alias) else ""
            _note(projection, (aliases - {own}) & set(_bare_names(projection)))
        used: set[str] = set()
        for clause in CLAUSES:
            node = select.args.get(clause)
            for each in node if isinstance(node, list) else [node]:
                if isinstance(each, exp.Expr):
                    used |= set(_bare_names(each))
        _note(select, aliases & used)
        where = select.args.get("where")
        if where is not None and aliases & set(_bare_names(where)):
            select.meta[IN_WHERE] = True


def also(node: exp.Expr) -> frozenset[str]:
    """The aliases noted on a node, or on what an alias wraps."""
    found = frozenset(node.meta.get(ALSO, ()))
    return found | also(node.this) if isinstance(node, exp.Alias) else found


def also_in_where(select: exp.Expr) -> bool:
    """Whether a name in the WHERE of a SELECT may be one of its aliases."""
    return bool(select.meta.get(IN_WHERE))


def is_same_column(projection: exp.Expr) -> bool:
    """Whether it passes a column on under its own name, so that both meanings of the name are one."""
    column = projection.this if isinstance(projection, exp.Alias) else projection
    return isinstance(column, exp.Column) and column.name.lower() == projection.alias_or_name.lower()


def _note(node: exp.Expr, aliases: set[str]) -> None:
    if aliases:
        node.meta[ALSO] = tuple(sorted(aliases))
        if isinstance(node, exp.Alias):  # qualify may wrap anew; what it wraps keeps the note
            node.this.meta[ALSO] = tuple(sorted(aliases))


def _bare_names(node: exp.Expr) -> Iterator[str]:
    for column in node.find_all(exp.Column):
        if not column.table:
            yield column.name.lower()
        else:
            yield column.table.lower()  # `a.b` may be field b of an alias a
