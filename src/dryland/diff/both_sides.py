"""Holds both sides of a comparison with what is known of them, for those who count, join or sample their rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.diff.buckets import Buckets, hashed_rows
from dryland.diff.cells import Cells
from dryland.diff.scratch import Scratch
from dryland.diff.side import Shape, Side, short
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class BothSides:
    """Two tables of one shape, split into the same buckets."""

    scratch: Scratch
    before: Side
    after: Side
    shape: Shape
    buckets: Buckets
    cells: Cells

    def rows(self, where: exp.Expr, *, is_after: bool) -> exp.Select:
        """The rows of one side, with hashes and values, of the buckets for which a condition holds."""
        side = self.after if is_after else self.before
        rows = hashed_rows(side, self.shape, self.buckets.count, self.scratch.dialect, is_after=is_after)
        return exp.select("*").from_(rows.subquery("hashed")).where(where.copy())

    def names(self) -> list[str]:
        """The names of the columns in those rows."""
        return [short("c", at) for at in range(len(self.shape.pairs))]
