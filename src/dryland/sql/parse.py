"""Parses a query, and says where and why when it cannot."""

from __future__ import annotations

import logging
import re
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.tokenizer_core import Token, TokenType

import dryland.tilde  # noqa: F401 - it changes how SQL is read
from dryland.errors import SqlError
from dryland.sql.reading import trees_as_called

CLASS = re.compile(r"<class '[\w.]*?(\w+)'>")  # how sqlglot names a kind of expression
ROWS_MAKERS = (exp.Values, exp.Pivot)  # statements that give rows as a query does, and may stand where a table may
WRITING = frozenset(
    {
        TokenType.ALTER, TokenType.COPY, TokenType.CREATE, TokenType.DELETE, TokenType.DROP, TokenType.INSERT,
        TokenType.MERGE, TokenType.TRUNCATE, TokenType.UPDATE,
    }
)  # fmt: skip
NAMES = {kind: kind.name for kind in TokenType}  # an enumeration takes its time to say one
QUOTED = frozenset(name for name in NAMES.values() if "STRING" in name or name == "IDENTIFIER")
CHANGING = frozenset({TokenType.DELETE, TokenType.INSERT, TokenType.MERGE, TokenType.UPDATE})
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it does not know; here that is an error


def words(sql: str, dialect: str) -> list[str]:
    """The SQL's tokens: comments and white space are gone, capitals count in quotes and in names of columns.

    >>> words("SELECT a -- it\\n, 'B'", "duckdb")
    ['SELECT:select', 'VAR:a', 'COMMA:,', 'STRING:B']
    """
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    except sqlglot.errors.TokenError:  # only the warehouse may understand it
        return [sql]
    names = [NAMES[token.token_type] for token in tokens]
    return [
        f"{name}:{text if name in QUOTED or (name == 'VAR' and following != 'L_PAREN') else text.lower()}"
        for name, following, text in zip(names, [*names[1:], ""], [token.text for token in tokens], strict=True)
    ]


def parse_expression(text: str, dialect: str) -> exp.Expr:
    """Return the tree of an expression, as `parse_query` reads it.

    Raises:
        SqlglotError: it is none.

    >>> parse_expression("id ?", "postgres")
    Traceback (most recent call last):
        ...
    sqlglot.errors.ParseError: an operator has nothing on its right.
    """
    try:
        return sqlglot.parse_one(text, dialect=dialect)
    except TypeError as error:  # which is how sqlglot finds out in the middle of its work
        raise sqlglot.errors.ParseError("an operator has nothing on its right.") from error


def parse_query(sql: str, dialect: str, *, path: str = "", as_called: bool = False) -> exp.Query:
    """Return the tree of exactly one query; `as_called`: its functions as `reading` gives them, to be looked at only.

    Raises:
        SqlError: it does not parse, is no query, or is more than one; the line is that of `sql`.
    """
    try:
        found = trees_as_called(sql, dialect) if as_called else sqlglot.parse(sql, dialect=dialect)
        trees = [tree for tree in found if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        raise _explained(error, sql, path) from error
    except TypeError as error:
        raise SqlError("an operator has nothing on its right.", path=path or None) from error
    except RecursionError as error:
        hint = "split it up: a list of values is better kept in a seed than in hundreds of ORs."
        raise SqlError("the SQL is nested too deep to be parsed.", hint=hint, path=path or None) from error
    if len(trees) != 1:
        what = "nothing" if not trees else f"{len(trees)} statements"
        raise SqlError(f"expected one query, found {what}.", hint=_wanted(path), path=path or None)
    tree = trees[0]
    while isinstance(tree, exp.Subquery) and is_only_parentheses(tree):
        tree = tree.this
    if isinstance(tree, ROWS_MAKERS):
        tree = exp.select("*").from_(exp.Subquery(this=tree))
    if not isinstance(tree, exp.Query):
        kind = str(tree.this if isinstance(tree, exp.Command) else tree.key).upper()
        raise SqlError(
            f"expected a query, found {kind}.", hint=_wanted(path), path=path or None, line=1 if path else None
        )
    return tree


def verify_one_statement(sql: str, dialect: str, path: str) -> None:
    """Refuse a model of no statement, of several, or of one that writes; semicolons at its end are fine.

    Raises:
        SqlError: it is one of those; text that is not even words is left to whoever parses it.
    """
    try:
        tokens = list(Dialect.get_or_raise(dialect).tokenize(sql))
    except sqlglot.errors.SqlglotError:
        return
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise SqlError("the model is empty: it renders to no SQL.", hint=_wanted(path), path=path)
    what = "is several statements" if any(each.token_type is TokenType.SEMICOLON for each in tokens) else ""
    if not what and tokens[0].token_type in WRITING:
        what = f"starts with {tokens[0].text.upper()}"
    if not what and tokens[0].token_type is TokenType.WITH and (word := _writing_in(tokens)):
        what = f"writes: there is {word.upper()} in its WITH"
    if what:
        hint = "a model is one SELECT; what runs before or after it is a pre_hook or post_hook."
        raise SqlError(f"the model {what}.", hint=hint, path=path)


def _writing_in(tokens: list[Token]) -> str:
    """The word with which a statement in parentheses changes rows, as PostgreSQL takes it in a WITH."""
    pairs = pairwise(tokens)
    return next((b.text for a, b in pairs if a.token_type is TokenType.L_PAREN and b.token_type in CHANGING), "")


def _wanted(path: str) -> str:
    """What to write instead: in a model's file, or as a reader's question."""
    return "a model is one SELECT." if path else "ask with one SELECT; it may only read."


def is_only_parentheses(subquery: exp.Subquery) -> bool:
    """Whether nothing hangs on the parentheses: no alias, no ORDER BY, LIMIT or WITH of their own."""
    return not any(value for key, value in subquery.args.items() if key != "this")


def _explained(error: sqlglot.errors.SqlglotError, sql: str, path: str) -> SqlError:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line"), details[0].get("col")
    what = CLASS.sub(r"\1", details[0].get("description") or str(error).splitlines()[0])
    lines = sql.splitlines()
    shown = lines[line - 1].strip() if line and line <= len(lines) else ""
    near = f" near `{shown[:100]}`" if shown else ""
    return SqlError(
        f"the SQL does not parse: {what.rstrip('.')}{near}.",
        hint="look at the compiled SQL with `dryland show MODEL --sql`." if path else "",
        path=path or None, line=line, column=column,
    )  # fmt: skip
