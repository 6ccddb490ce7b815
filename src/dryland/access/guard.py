"""Looks through a query that somebody wrote, and lets it pass only when it is made of nothing but what is allowed.

It is a list of what may be, not of what may not: whatever the parser gives that is not in `allowed` refuses the query.
What is sent to the warehouse is never the text that came in, but what is written anew from the tree that was looked
through, with every name in quotes; and that text is parsed and looked through once more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import sqlglot
from sqlglot import exp

import dryland.sql.parse  # noqa: F401 - it keeps the parser from logging queries, which have values in them
from dryland.access import allowed
from dryland.errors import RefusedQueryError
from dryland.sql.names import counts_capitals, folded
from dryland.sql.reading import called, trees_as_called
from dryland.values import dataclass

LETTERS_MAX = 100_000
NODES_MAX = 20_000
DEPTH_MAX = 400  # a chain of ORs is as deep as it is long
SENSELESS = (sqlglot.errors.SqlglotError, TypeError, ValueError, AttributeError, KeyError, IndexError)
"""How the parser meets what makes no sense, be it in the middle of its work."""
MISSING = re.compile(r"Required keyword: '\w+' missing for <class '(?:\w+\.)*(\w+)'>")
HINT = "docs/sql-console.md lists what a query may use."


@dataclass(frozen=True, slots=True)
class Language:
    """In which words queries are written: the warehouse's dialect, and a team's own functions that may be called."""

    dialect: str
    functions: frozenset[str] = frozenset()

    def knows(self, function: str) -> bool:
        """Whether a function may be called by this name."""
        return function in allowed.FUNCTIONS.get(self.dialect, ()) or function in self.functions


def guarded(sql: str, language: Language) -> exp.Query:
    """The tree of a query that was looked through; its functions are called as they are written.

    Raises:
        RefusedQueryError: it is not exactly one query, or has something in it that is not allowed.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in sql):
        raise RefusedQueryError("the query has half a letter in it.")
    if len(sql) > LETTERS_MAX:
        raise RefusedQueryError(f"the query is longer than {LETTERS_MAX:,} letters.")
    try:
        tree = _parsed(sql, language.dialect)
        verify_allowed(tree, language)
        return _named_for_good(tree, language)
    except RecursionError:
        raise RefusedQueryError("the query is nested too deep to be looked through.") from None


def written(tree: exp.Expr, language: Language) -> str:
    """The text of a tree that was looked through, looked through again as the parser reads it.

    Raises:
        RefusedQueryError: written down it would be something else.
    """
    try:
        text = str(tree.sql(dialect=language.dialect, comments=False))
        verify_allowed(_parsed(text, language.dialect), language)
    except RecursionError:
        raise RefusedQueryError("the query is nested too deep to be looked through.") from None
    except SENSELESS:
        raise RefusedQueryError("the query makes no sense where it is written anew.") from None
    return text


def verify_allowed(tree: exp.Expr, language: Language) -> None:
    """Look at every node.

    Raises:
        RefusedQueryError: one is not allowed; the message says what it is.
    """
    ahead, looked_at = [(tree, 1)], 0
    while ahead:
        node, depth = ahead.pop()
        looked_at += 1
        if looked_at > NODES_MAX or depth > DEPTH_MAX:
            raise RefusedQueryError("the query has more parts, or nests them deeper, than can be looked through.")
        if trouble := _trouble(node, language):
            raise RefusedQueryError(f"{trouble} cannot be used in a query here.", hint=HINT)
        ahead += [(part, depth + 1) for part in node.iter_expressions()]


def tables(tree: exp.Expr) -> Iterator[exp.Table]:
    """What stands in a FROM and is a name."""
    return (table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier))


def _parsed(sql: str, dialect: str) -> exp.Query:
    try:
        trees = [tree for tree in trees_as_called(sql, dialect) if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        details = (getattr(error, "errors", None) or [{}])[0]
        ends_at, marked = details.get("col"), details.get("highlight") or "?"
        said = MISSING.sub(r"something is missing in \1", details.get("description") or "a word is not ended")
        raise RefusedQueryError(
            f"the query does not parse: {said}",
            line=details.get("line"), column=max(ends_at - len(marked) + 1, 1) if ends_at else None,
        ) from None  # fmt: skip
    except SENSELESS:
        raise RefusedQueryError("the query does not parse.") from None
    if len(trees) != 1:
        raise RefusedQueryError(f"expected one query, found {len(trees)} statements.")
    tree = trees[0]
    if isinstance(tree, exp.Pivot | exp.Values):
        tree = exp.select("*").from_(exp.Subquery(this=tree))
    if not isinstance(tree, exp.Query):
        kind = str(tree.this if isinstance(tree, exp.Command) else tree.key).upper()
        raise RefusedQueryError(f"expected a query, found {kind[:40]}.", hint="ask with one SELECT; it may only read.")
    for function in tree.find_all(exp.Anonymous):
        function.set("this", called(function))
    return tree


def _trouble(node: exp.Expr, language: Language) -> str:
    """What is wrong with a node; empty when nothing is."""
    kind = type(node).__name__
    if kind not in allowed.NODES:
        return _told(node)
    parts = allowed.PARTS.get(kind)
    if parts is not None:
        strange = next((part for part, value in node.args.items() if value and part not in parts), "")
        if strange:
            return f"`{strange.strip('_')}` of {kind.upper()}"
    special = SPECIAL.get(kind)
    return special(node, language) if special else ""


def _told(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()}"
    return f"`{node.key.replace('_', ' ')}`"


def _of_anonymous(node: exp.Expr, language: Language) -> str:
    name = called(node)
    return "" if language.knows(name) else f"the function `{name}`"


def _of_type(node: exp.Expr, language: Language) -> str:
    kind = node.this
    if isinstance(kind, exp.Expr):
        return "" if isinstance(kind, exp.Interval | exp.IntervalSpan) else "this type"
    return "" if kind.name in allowed.TYPES else f"the type {node.sql(language.dialect) or kind.name}"


def _of_dot(node: exp.Expr, language: Language) -> str:
    return "" if isinstance(node.args.get("expression"), exp.Identifier | exp.Star) else "a call behind a dot"


def _of_table(node: exp.Expr, language: Language) -> str:
    what = node.this
    if isinstance(what, exp.Identifier):
        is_plain = not node.args.get("ordinality")
        parts = (node.args.get("db"), node.args.get("catalog"))
        return (
            "" if is_plain and all(part is None or isinstance(part, exp.Identifier) for part in parts) else "this name"
        )
    if node.args.get("db") or node.args.get("catalog"):
        return "a function with a schema"
    if isinstance(what, exp.Anonymous):
        name = called(what)
        is_fine = name in allowed.MAKING_ROWS.get(language.dialect, ()) or name in language.functions
        return "" if is_fine else f"the function `{name}` as a table"
    if type(what).__name__ in allowed.TYPED_MAKING_ROWS:
        return ""
    return (
        "a file"
        if isinstance(what, exp.Literal)
        else f"{_told(what)} as a table"
        if isinstance(what, exp.Expr)
        else "this"
    )


def _of_lateral(node: exp.Expr, language: Language) -> str:
    what = node.this
    if isinstance(what, exp.Anonymous):
        return "" if called(what) in allowed.MAKING_ROWS.get(language.dialect, ()) else f"the function `{called(what)}`"
    is_fine = isinstance(what, exp.Subquery) or type(what).__name__ in allowed.TYPED_MAKING_ROWS
    return "" if is_fine else "this LATERAL"


def _of_text(node: exp.Expr, language: Language) -> str:
    return "a text with a NUL in it" if "\0" in str(node.this) else ""


SPECIAL = {
    "Anonymous": _of_anonymous, "DataType": _of_type, "Dot": _of_dot, "Identifier": _of_text, "Lateral": _of_lateral,
    "Literal": _of_text, "Table": _of_table,
}  # fmt: skip
"""Kind of node -> what else is looked at."""


def _named_for_good(tree: exp.Query, language: Language) -> exp.Query:
    """The tree with the names of columns in quotes: what is a word of the server without them is a column with them."""
    for column in tree.find_all(exp.Column):
        for name in column.parts:
            if isinstance(name, exp.Identifier) and not name.args.get("quoted"):
                if counts_capitals(language.dialect):
                    name.set("this", folded(name, language.dialect))
                name.set("quoted", True)
    return tree


def functions_in(names: Collection[str]) -> frozenset[str]:
    """A team's own functions as they are compared."""
    return frozenset(name.lower() for name in names)
