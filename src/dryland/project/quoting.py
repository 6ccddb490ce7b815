"""Reads `quoting:`: which parts of a table's name templates print without quotes.

Only what is printed differs: Dryland itself quotes every name, which means the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.jinja.relation_parts import PARTS


def unquoted(*said: Any) -> frozenset[str]:
    """The parts that are not quoted; what is said later counts.

    >>> sorted(unquoted({"schema": False, "identifier": False}, {"identifier": True}))
    ['schema']
    """
    merged: dict[str, Any] = {}
    for each in said:
        merged |= (
            {part: each[part] for part in PARTS if each.get(part) is not None} if isinstance(each, Mapping) else {}
        )
    return frozenset(part for part, is_quoted in merged.items() if not is_quoted)
