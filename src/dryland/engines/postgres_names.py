"""Quotes names and values for PostgreSQL."""

from __future__ import annotations

from functools import lru_cache

from dryland.engines.relation import Relation
from dryland.errors import ConfigError

NAME_BYTES_MAX = 63  # PostgreSQL cuts what is longer, and two names that differ after that would be one


@lru_cache(maxsize=100_000)
def quoted(name: str) -> str:
    """One identifier; a quote inside is doubled.

    Raises:
        ConfigError: it is longer than PostgreSQL's names can be, or empty.
    """
    size = len(name.encode())
    if size > NAME_BYTES_MAX or not name or "\0" in name:
        what = f"is {size} bytes long; PostgreSQL's have at most {NAME_BYTES_MAX}" if name else "is empty"
        raise ConfigError(f"the name `{name[:80]}` {what}.", hint="an `alias` gives a model a shorter name.")
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=100_000)
def rendered(relation: Relation) -> str:
    """The three-part name, or what stands for it; PostgreSQL takes the database that one is connected to."""
    return relation.expression or ".".join(quoted(part) for part in (relation.database, relation.schema, relation.name))


def literal(value: str | int) -> str:
    """One value as SQL, whatever `standard_conforming_strings` says."""
    if isinstance(value, int):
        return str(value)
    text = value.replace("'", "''")
    return f"E'{text.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{text}'"


def texts(values: list[str]) -> str:
    """A list of texts as SQL."""
    return f"ARRAY[{', '.join(map(literal, values))}]::text[]"
