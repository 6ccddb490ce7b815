"""Reads what a project says of personal data: which columns of a dataset are about persons, and how to mask them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.nodes import Node, Source

PII = "pii"
PERSONAL = (PII, "personal", "gdpr")  # words in `meta` or tags of a column
EVERY = "*"  # in place of a column: the whole dataset is about persons


def personal_in(described: Node | Source) -> dict[str, Any]:
    """Columns with personal data, in lower case, each with what the YAML says of it: a mask, a kind, or just yes.

    A dataset says so with `meta: {pii: ...}`: true is every column, a list names some, a mapping says how each is.
    """
    found: dict[str, Any] = {}
    whole = described.meta.get(PII)
    if isinstance(whole, Mapping):
        found |= {str(column).lower(): said for column, said in whole.items() if said is not False}
    elif isinstance(whole, list | tuple):
        found |= {str(column).lower(): None for column in whole}
    elif whole:
        found[EVERY] = None
    for column in described.columns:
        said = next((column.meta[word] for word in PERSONAL if column.meta.get(word)), None)
        if said or any(word in column.tags for word in PERSONAL):
            found[column.name.lower()] = said
    return found
