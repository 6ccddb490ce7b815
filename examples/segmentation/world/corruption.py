"""Spoils the export of one day in the ways exports really go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .shop import Export, Table, rows_where, stack

SHARE_OF_NULLS = 0.3
NEW_LINE_IDS = 10**12  # far beyond every real line id


def truncated(export: Export, rng: np.random.Generator) -> Export:
    """A third of the volume: the export stopped half-way."""
    orders = rows_where(export.orders, np.arange(len(export.orders["order_id"])) % 3 == 0)
    is_kept = np.isin(export.order_lines["order_id"].astype(np.int64), orders["order_id"].astype(np.int64))
    return replace(export, orders=orders, order_lines=rows_where(export.order_lines, is_kept))


def duplicates(export: Export, rng: np.random.Generator) -> Export:
    """Every order line twice, the second time under a new id: the import ran again."""
    again = {**export.order_lines, "line_id": export.order_lines["line_id"] + NEW_LINE_IDS}
    return replace(export, order_lines=stack([export.order_lines, again]))


def nulls(export: Export, rng: np.random.Generator) -> Export:
    """Keys lost in a third of the rows."""
    return replace(
        export,
        orders=_without(export.orders, ("order_id", "customer_id"), rng),
        order_lines=_without(export.order_lines, ("order_id", "product_id"), rng),
    )


def _without(table: Table, columns: tuple[str, ...], rng: np.random.Generator) -> Table:
    count = len(table[columns[0]])
    return {**table, **{name: np.where(rng.random(count) < SHARE_OF_NULLS, None, table[name]) for name in columns}}


CORRUPTIONS: dict[str, tuple[Callable[[Export, np.random.Generator], Export], ...]] = {
    "truncated": (truncated,),
    "duplicates": (duplicates,),
    "nulls": (nulls,),
    "all": (truncated, duplicates, nulls),
}


def corrupted(export: Export, how: str, rng: np.random.Generator) -> Export:
    """Return `export` spoiled in the way that `how` names.

    Raises:
        ValueError: `how` is not one of the keys of CORRUPTIONS.
    """
    if how not in CORRUPTIONS:
        raise ValueError(f"`{how}` is not a way to corrupt a day; there are {', '.join(CORRUPTIONS)}.")
    for spoil in CORRUPTIONS[how]:
        export = spoil(export, rng)
    return export
