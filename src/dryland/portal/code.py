"""Tells the parts of SQL apart by eye: comments, texts, numbers, keywords; everything else is as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

CODE_MAX = 200_000  # characters that are coloured; longer text is shown plain
KEYWORDS = frozenset(
    "all and any as asc between by case cast cross current_date current_timestamp delete desc distinct else end except "
    "exists false filter first following from full group having if ilike in inner insert intersect interval into is "
    "join last lateral left like limit materialized not null nulls offset on or order outer over partition preceding "
    "qualify range recursive right rows select set then true unbounded union update using values when where window "
    "with within def import return for class pass lambda".split()
)
TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z)|\{#.*?(?:#\}|\Z))|(?P<text>'(?:[^']|'')*(?:'|\Z))"
    r"|(?P<number>\b\d+(?:\.\d+)?\b)|(?P<word>[A-Za-z_]\w*)|(?P<other>[^\w'/{-]+|.)",
    re.DOTALL,
)


def coloured(sql: str) -> Iterator[tuple[str, str]]:
    """Pieces of the text with what they are, which together are the text.

    >>> list(coloured("select 1 -- one"))
    [('keyword', 'select'), ('', ' '), ('number', '1'), ('', ' '), ('comment', '-- one')]
    """
    if len(sql) > CODE_MAX:
        yield "", sql
        return
    plain = ""
    for match in TOKEN.finditer(sql):
        kind, text = str(match.lastgroup), match.group()
        if kind == "word" and text.lower() in KEYWORDS:
            kind = "keyword"
        if kind in ("word", "other"):
            plain += text
            continue
        if plain:
            yield "", plain
            plain = ""
        yield kind, text
    if plain:
        yield "", plain
