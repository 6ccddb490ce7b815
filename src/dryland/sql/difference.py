"""Compares two meanings part by part."""

from __future__ import annotations

from dryland.sql.meaning import Meaning
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class PartsChanged:
    """Which parts of a query changed, by column name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    rows_altered: bool = False
    order_changed: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered or self.rows_altered or self.order_changed)


def changed_parts(before: Meaning, after: Meaning) -> PartsChanged:
    """What of the outcome may differ, inputs held still; a query that is not understood changes as a whole."""
    if before.columns is None or after.columns is None:
        same = (before.rows, before.columns) == (after.rows, after.columns)
        return PartsChanged(rows_altered=not same)
    old, new = before.columns, after.columns
    return PartsChanged(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        altered=tuple(name for name in new if name in old and old[name] != new[name]),
        rows_altered=before.rows != after.rows,
        order_changed=old.keys() == new.keys() and list(old) != list(new),
    )
