"""Finds the tables that a query calls by their own names: `select orders.id from {{ ref('orders') }}`.

The build that stands for such a table has another name, so it gets the table's as its alias.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dryland.sql.paths import ONE_PART, PART, WORDS

IDLE = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
NEXT = re.compile(rf"{IDLE}(?P<word>{PART})?", re.DOTALL)
BEFORE_TABLES = frozenset({"from", "join", "update", "using", "only", ","})
AFTER_TABLES = frozenset(
    """
    anti asof cross except fetch for full group having inner intersect join lateral left limit natural offset on order
    pivot positional qualify returning right sample semi set tablesample union unpivot using when where window
    """.split()
)


def called_by_name(sql: str, names: Mapping[str, str], called: Mapping[str, str]) -> dict[str, str]:
    """The relation texts whose last part, or what they are `called`, stands somewhere by itself; with that.

    >>> called_by_name('select ev.id from "db"."main"."ev"', {'"db"."main"."ev"': "x", '"db"."main"."id"': "y"}, {})
    {'"db"."main"."ev"': '"ev"'}
    """
    ends = {}
    for text in names:
        parts = ONE_PART.findall(text)
        if len(parts) > 1 and ".".join(parts) == text:
            ends[text] = (bare(parts[-2]), bare(called.get(text, parts[-1])))
    lower = sql.lower()
    ends = {text: end for text, end in ends.items() if lower.count(end[1]) > lower.count(text.lower())}
    used = set(_qualifiers(sql, names)) if ends else set()
    return {text: _name(text, called) for text, end in ends.items() if {end, end[1:]} & used}


def in_need_of_alias(names: Mapping[str, str], called: Mapping[str, str]) -> dict[str, str]:
    """The relation texts that a query in parentheses takes the place of, which not every warehouse takes without one.

    >>> in_need_of_alias({"s.a": "(select 1)", "s.b": "store.b__1"}, {})
    {'s.a': 'a'}
    """
    return {text: _name(text, called) for text, name in names.items() if name.startswith("(")}


def _name(text: str, called: Mapping[str, str]) -> str:
    return called.get(text) or ONE_PART.findall(text)[-1]


def said_by_alias(path: str, aliases: Mapping[str, str]) -> str:
    """A path to a column that says more of its table than the name, with the alias instead; empty for all else.

    >>> aliases = {'"db"."main"."ev"': '"ev"'}
    >>> [said_by_alias(each, aliases) for each in ('"db"."main"."ev"."id"', "main.ev.id", "ev.id", "x.id")]
    ['"ev"."id"', '"ev".id', '', '']
    """
    parts = ONE_PART.findall(path)
    said = [bare(part) for part in parts]
    for text, alias in aliases.items():
        name = [bare(part) for part in ONE_PART.findall(text)]
        for length in range(min(len(name), len(parts)), 1, -1):
            if said[:length] == name[-length:]:
                return ".".join([alias, *parts[length:]])
    return ""


def lacks_alias(before: str, sql: str, end: int) -> bool:
    """Whether what ends there is a table in FROM or its like, after the word or sign `before`, and has no alias."""
    word = NEXT.match(sql, end)
    follows = (word["word"] or "").lower() if word else ""
    return before in BEFORE_TABLES and (not follows or follows in AFTER_TABLES)


def bare(part: str) -> str:
    """A part of a name without its quotes, in lower case."""
    return part.strip('"`').lower()


def _qualifiers(sql: str, names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """What may call a table, and is no relation text: a name alone, or the first part of a path, or its first two."""
    for found in WORDS.finditer(sql):
        path = found["path"]
        if not path or path in names:
            continue
        if "." not in path:
            if sql[found.end() : found.end() + 1] != "(":
                yield (bare(path),)
            continue
        parts = ONE_PART.findall(path)
        if any(".".join(parts[:length]) in names for length in range(2, len(parts))):
            continue
        said = tuple(bare(part) for part in parts)
        follows = sql[found.end() : found.end() + 1]
        if len(said) > 1 or follows != "(":  # a name alone may be the whole row: `select to_jsonb(orders) from ...`
            yield said[:1]
        if len(said) > 2 or (len(said) == 2 and follows == "."):
            yield said[:2]
