"""Reads PostgreSQL's function calls by the names that they have: sqlglot takes several functions for one.

It reads `date_part('year', d)` as `extract(year from d)`, whose type is another, and forgets whether `ceil` or
`ceiling` was called, which is what the column is then called.
"""

from __future__ import annotations

import re
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from dryland.sql.postgres_words import AGGREGATES, IN_ANY_WAY, SCALARS, SET_RETURNING

CALLED = "dryland_called_"  # begins the name of a function of the warehouse's own that is read as it stands
OWN = "dryland_own_"  # of one that may be anybody's
READ_BY_NAME = frozenset({"postgres"})
OF_A_SYNTAX = frozenset(
    """
    cast coalesce count extract json_object json_objectagg json_table json_value normalize overlay position string_agg
    substring trim xmlelement xmltable generate_series unnest
    """.split()
)
"""Functions whose arguments are more than expressions between commas, and those that the analysis knows itself."""
POSTGRES = SCALARS | AGGREGATES | SET_RETURNING | IN_ANY_WAY
NAMING = frozenset({TokenType.ALIAS, TokenType.DOT, TokenType.WITH, TokenType.RECURSIVE, TokenType.TABLE})
"""What stands before a name that is followed by parentheses and is no call of a function that everybody has."""


def trees_as_called(sql: str, dialect: str) -> list[exp.Expr | None]:
    """The trees of the statements; a function that sqlglot would rename keeps its name, see `called`.

    >>> [called(each) for each in trees_as_called("select ceiling(a), my_own(b)", "postgres")[0].expressions]
    ['ceiling', 'my_own']

    Raises:
        SqlglotError: it does not parse.
    """
    if dialect not in READ_BY_NAME:
        return list(sqlglot.parse(sql, dialect=dialect))
    reader = Dialect.get_or_raise(dialect)
    tokens = list(reader.tokenize(sql))
    for at in range(len(tokens) - 1):
        if tokens[at + 1].token_type is TokenType.L_PAREN and _is_renamed(tokens, at, dialect):
            tokens[at] = _kept(tokens[at])
    trees = list(reader.parser().parse(tokens, sql))
    for tree in trees:
        for function in tree.find_all(exp.Anonymous) if tree is not None else ():
            if called(function) not in POSTGRES:
                function.set("this", OWN + called(function))
    return trees


def called(function: exp.Expr) -> str:
    """The name of a call that is nothing but one; empty for all else."""
    if not isinstance(function, exp.Anonymous):
        return ""
    return str(function.name).lower().removeprefix(CALLED).removeprefix(OWN)


def as_written(text: str) -> str:
    """A text about such a tree, without what only stands in it."""
    return re.sub(f"{CALLED}|{OWN}", "", text, flags=re.IGNORECASE)


def is_own(function: exp.Expr) -> bool:
    """Whether a function may be anybody's, and do anything to rows."""
    return isinstance(function, exp.Anonymous) and str(function.name).startswith(OWN)


def called_as_known(function: exp.Expr) -> str:
    """The same where the function is one of the warehouse's own."""
    return called(function) if str(function.name).lower().startswith(CALLED) else ""


def _is_renamed(tokens: list[Token], at: int, dialect: str) -> bool:
    word = tokens[at].text.lower()
    if tokens[at].token_type is TokenType.IDENTIFIER or (at and tokens[at - 1].token_type in NAMING):
        return False
    return word in _renamed(dialect)


@lru_cache(maxsize=8)
def _renamed(dialect: str) -> frozenset[str]:
    parser = Dialect.get_or_raise(dialect).parser_class
    types = {each.lower() for each in Dialect.get_or_raise(dialect).tokenizer_class.KEYWORDS}
    known = {each.lower() for each in (*parser.FUNCTIONS, *parser.FUNCTION_PARSERS)}
    kept = OF_A_SYNTAX | (types - {"left", "right", "replace"})
    return frozenset((known | POSTGRES) - kept)


def _kept(token: Token) -> Token:
    text = CALLED + token.text.lower()
    return Token(TokenType.VAR, text, token.line, token.col, token.start, token.end, token.comments)
