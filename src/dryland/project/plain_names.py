"""Tells which names of columns SQL takes without quotes."""

from __future__ import annotations

import re

from sqlglot.dialects.duckdb import DuckDB

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KEPT = frozenset({*DuckDB.Generator.RESERVED_KEYWORDS, "grant", "user"})  # the last two by PostgreSQL


def is_plain(name: str) -> bool:
    """Whether a name needs no quotes, whichever case it is in.

    >>> [name for name in ("total", "Delta", "order", "left", "a b") if is_plain(name)]
    ['total', 'Delta']
    """
    return bool(WORD.fullmatch(name)) and name.lower() not in KEPT
