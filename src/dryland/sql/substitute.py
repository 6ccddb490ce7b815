"""Puts names and CTEs into a query's text, and leaves every other character as the user wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from dryland.sql.called_by_name import called_by_name, in_need_of_alias, lacks_alias, said_by_alias
from dryland.sql.paths import KEPT, ONE_PART, ONE_PATH, PATH, WORDS

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

NOTHING: Mapping[str, str] = MappingProxyType({})
CLOSING = re.compile(r";|--|//|#")  # what may stand in the last line besides the last word: comments of any dialect
BARE_BEFORE, BARE_AFTER = r"(?<![\w$\"`.])", r"(?![\w$\"`])"


def substitute(sql: str, names: Mapping[str, str], called: Mapping[str, str] = NOTHING) -> str:
    """Replace each relation text by its name, all at once, the longest first.

    A text is replaced only where it stands alone: not inside a longer name, a string or a comment. `called` tells what
    the query calls a table by itself where that is not the last part of its text.

    >>> substitute("select 'a.b' as said from a.b join a.bc -- a.b", {"a.b": "store.b__1"})
    "select 'a.b' as said from store.b__1 join a.bc -- a.b"
    """
    calls = [text for text in names if text and text in sql and not ONE_PATH.fullmatch(text)]
    if calls:
        return _with_calls(sql, names, calls)
    there = {text: name for text, name in names.items() if text in sql}
    aliases = {**called_by_name(sql, there, called), **in_need_of_alias(there, called)}
    if aliases:
        return _with_aliases(sql, names, aliases)
    return WORDS.sub(lambda found: _named(found, sql, names) if _may_be_named(found["path"], names) else found[0], sql)


def _may_be_named(path: str | None, names: Mapping[str, str]) -> bool:
    """Most words of a query are none of the names, and have no beginning that could be one."""
    return path is not None and (path in names or "." in path)


def _with_aliases(sql: str, names: Mapping[str, str], aliases: Mapping[str, str]) -> str:
    """The same where the query calls some of the tables by their own names, which the new ones then have as aliases.

    >>> _with_aliases("select ev.id, x.id from s.ev join s.ev as x", {"s.ev": "store.ev__1"}, {"s.ev": "ev"})
    'select ev.id, x.id from store.ev__1 as ev join store.ev__1 as x'
    """
    before, last = "", 0  # the word or sign before what is looked at, comments and white space aside

    def replaced(found: re.Match[str]) -> str:
        nonlocal before, last
        between = sql[last : found.start()].strip()
        before, last = between[-1:] or before, found.end()
        if not found["path"]:
            return found[0]
        path, after = found["path"], sql[found.end() : found.end() + 1]
        in_from = path in aliases and lacks_alias(before, sql, found.end())
        is_column = path not in names and (after == "." or "." in path) and before != "."
        before = path.lower()
        if in_from:
            return f"{names[path]} as {aliases[path]}"
        return (said_by_alias(path, aliases) if is_column else "") or _named(found, sql, names)

    return WORDS.sub(replaced, sql)


def _named(found: re.Match[str], sql: str, names: Mapping[str, str]) -> str:
    """A path with the longest of its beginnings replaced that is one of the texts."""
    path: str = found["path"]
    start, end = found.span()
    before, after = sql[max(start - 1, 0) : start], sql[end : end + 1]
    if before and before in '."`':
        return path
    if path in names and not (after and after in '"`'):
        return names[path]
    parts = ONE_PART.findall(path)
    for length in range(len(parts) - 1, 0, -1):
        beginning = ".".join(parts[:length])
        if beginning in names:
            return names[beginning] + path[len(beginning) :]
    return path


def _with_calls(sql: str, names: Mapping[str, str], calls: Sequence[str]) -> str:
    """The same where some of the texts are more than names, such as `read_csv('orders.csv')`: those come first."""
    wanted = "|".join(BARE_BEFORE + re.escape(text) + BARE_AFTER for text in sorted(calls, key=len, reverse=True))
    pattern = re.compile(rf"{KEPT}|(?P<call>{wanted})|{PATH}", re.VERBOSE | re.DOTALL)

    def replaced(found: re.Match[str]) -> str:
        if found["call"]:
            return names[found["call"]]
        return _named(found, sql, names) if found["path"] else found[0]

    return pattern.sub(replaced, sql)


def with_ctes(sql: str, ctes: Sequence[tuple[str, str]], dialect: str) -> str:
    """Put CTEs (name, query) in front of a query, joining the WITH it may have."""
    if not ctes:
        return sql
    text = ", ".join(f"{name} AS (\n{statement(query, dialect)}\n)" for name, query in ctes)
    tokens = _tokens(sql, dialect)
    if not tokens or tokens[0].token_type.name != "WITH":
        return f"WITH {text}\n{sql}"
    last = tokens[1] if len(tokens) > 1 and tokens[1].token_type.name == "RECURSIVE" else tokens[0]
    return f"{sql[: last.end + 1]} {text},{sql[last.end + 1 :]}"


def statement(sql: str, dialect: str = "duckdb") -> str:
    """The text up to its last word, without closing semicolons, so that it can stand inside a larger statement.

    >>> statement("select 1 ; -- one"), statement("select ';' as said\\n")
    ('select 1', "select ';' as said")
    """
    text = sql.rstrip()
    if not CLOSING.search(text, text.rfind("\n") + 1) and "/*" not in text:  # as in most texts: to look is quicker
        return text
    tokens = _tokens(sql, dialect)
    while tokens and tokens[-1].token_type.name == "SEMICOLON":
        tokens.pop()
    return sql[: tokens[-1].end + 1] if tokens else ""


def _tokens(sql: str, dialect: str) -> list[Token]:
    from sqlglot.dialects import Dialect  # here, for most texts are told without it

    return list(Dialect.get_or_raise(dialect).tokenize(sql))
