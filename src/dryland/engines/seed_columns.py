"""Names a seed's columns: a heading that is empty gets a letter, one that is there again a number, as in dbt."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from string import ascii_lowercase


def column_names(header: Iterable[str]) -> list[str]:
    """The names of columns under these headings.

    >>> column_names(["", "id", "name", "id"])
    ['a', 'id', 'name', 'id_2']
    """
    found: list[str] = []
    for index, heading in enumerate(header):
        name = heading or _letter(index)
        numbered = (f"{name}_{number}" for number in count(2))
        found.append(name if name not in found else next(each for each in numbered if each not in found))
    return found


def _letter(index: int) -> str:
    """As spreadsheets number columns, but `aa` is followed by `bb`."""
    return ascii_lowercase[index % len(ascii_lowercase)] * (index // len(ascii_lowercase) + 1)
