"""Reads the indexes that a node's table is to have: dbt-postgres' configuration `indexes`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.values import dataclass

WORD = re.compile(r"[A-Za-z_]\w*")
KEYS = ("columns", "unique", "type")
HINT = "indexes: [{columns: [customer_id, ordered_on], unique: false, type: btree}]"


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table, in dbt's words: each of `columns` is SQL, such as `id`, `lower(name)` or `seen desc`."""

    columns: tuple[str, ...]
    is_unique: bool = False
    method: str = ""  # btree, gin, hash, ...; empty: the warehouse's usual one


def parse_indexes(said: Any) -> tuple[Index, ...]:
    """All that a node says.

    Raises:
        ConfigError: it is no list of indexes.
    """
    if said is not None and not isinstance(said, list | tuple):
        raise ConfigError(f"`indexes` is a list, not `{said}`.", hint=HINT)
    return tuple(parse_index(each) for each in said or ())


def parse_index(said: Any) -> Index:
    """An entry of `indexes`.

    >>> parse_index({"columns": ["id"], "unique": True})
    Index(columns=('id',), is_unique=True, method='')

    Raises:
        ConfigError: it has no columns, or a key or value that means nothing.
    """
    if not isinstance(said, Mapping):
        raise ConfigError(f"an entry of `indexes` is keys and values, not `{said}`.", hint=HINT)
    unknown = next((str(key) for key in said if key not in KEYS), None)
    if unknown:
        near = difflib.get_close_matches(unknown, KEYS, n=1)
        raise ConfigError(f"an index has no key `{unknown}`.", hint=f"did you mean `{near[0]}`?" if near else HINT)
    columns, method = said.get("columns"), said.get("type")
    if not isinstance(columns, list | tuple) or not columns or not all(map(_is_text, columns)):
        raise ConfigError(f"the `columns` of an index are a list of names, not `{columns}`.", hint=HINT)
    if method is not None and not (isinstance(method, str) and WORD.fullmatch(method)):
        raise ConfigError(
            f"the `type` of an index is a word, not `{method}`.", hint="btree, hash, gin, gist, spgist or brin."
        )
    return Index(tuple(map(str, columns)), parse_truth(said.get("unique")), str(method or "").lower())


def parse_truth(said: Any) -> bool:
    """Yes or no; what nobody says is no.

    Raises:
        ConfigError: it is neither.
    """
    if said is not None and not isinstance(said, bool):
        raise ConfigError(f"`{said}` is neither true nor false.", hint="write true or false, without quotes.")
    return bool(said)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
