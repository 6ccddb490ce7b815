"""Knows when two names are one: some dialects compare what is quoted letter by letter, others never do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects import Dialect

MARKED = re.compile(r"\^([0-9a-f]+);")


@lru_cache(maxsize=32)
def counts_capitals(dialect: str) -> bool:
    """Whether `"Order"` and `order` are two names, and a name without quotes is the latter."""
    return str(Dialect.get_or_raise(dialect or None).normalization_strategy.name) == "LOWERCASE"


def folded(name: exp.Expr | str | None, dialect: str) -> str:
    """A name as the dialect compares it; a bare text is one that nobody quoted.

    >>> folded(exp.to_identifier("Order", quoted=True), "postgres"), folded("Order", "postgres")
    ('Order', 'order')
    >>> folded(exp.to_identifier("Order", quoted=True), "duckdb")
    'order'
    """
    text = name if isinstance(name, str) else name.name if name is not None else ""
    if not counts_capitals(dialect):
        return text.lower()
    return text if isinstance(name, exp.Identifier) and name.args.get("quoted") else _lower(text)


def compared(name: str, dialect: str) -> str:
    """A name that the warehouse has told, so that equal ones are equal for the dialect.

    >>> compared("Order", "postgres"), compared("Order", "duckdb")
    ('Order', 'order')
    """
    return name if counts_capitals(dialect) else name.lower()


def marked(name: str) -> str:
    """A name in which lower case letters tell what its capitals were, so that no lower() takes it for another.

    >>> marked("Order"), marked("order")
    ('^4f;rder', 'order')
    """
    return "".join(f"^{ord(each):x};" if each != each.lower() or each == "^" else each for each in name)


def unmarked(name: str) -> str:
    """The inverse of `marked`."""
    return MARKED.sub(lambda found: chr(int(found[1], 16)), name)


def mark_capitals(tree: exp.Expr, dialect: str) -> None:
    """Fold every name of the tree in place, where capitals count."""
    if counts_capitals(dialect):
        for name in tree.find_all(exp.Identifier):
            name.set("this", marked(folded(name, dialect)))


def marked_all(names: Sequence[str] | None, dialect: str) -> Sequence[str] | None:
    """The columns of an input as they stand in a tree whose capitals are marked."""
    return [marked(name) for name in names] if names and counts_capitals(dialect) else names


def _lower(text: str) -> str:
    """As PostgreSQL folds: letters beyond ASCII stay what they are."""
    return "".join(each.lower() if each.isascii() else each for each in text)
