"""Compares rows as a multiset, where no key tells which row became which: how often each is there, before and after."""

from __future__ import annotations

from sqlglot import exp

from dryland.diff.both_sides import BothSides
from dryland.diff.buckets import in_batch
from dryland.diff.dialects import WORDS
from dryland.diff.difference import Example
from dryland.diff.pairs import Found
from dryland.diff.scratch import PAIRS
from dryland.diff.side import short
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Counting(BothSides):
    """Both sides, to be counted batch by batch."""

    def read(self, batch: int, found: Found) -> None:
        """Count the rows of one batch, and add those that are there more often on one side."""
        self.scratch.make(PAIRS, self._counted(batch))
        surplus = exp.Sub(this=exp.column("times_after"), expression=exp.column("times_before"))
        for is_added, more in ((True, surplus), (False, exp.Neg(this=exp.paren(surplus.copy())))):
            positive = exp.Sum(this=exp.func("GREATEST", more, exp.Literal.number(0)))
            rows = int(self.scratch.fetch(exp.select(positive).from_(PAIRS)).rows[0][0] or 0)
            found.added += rows if is_added else 0
            found.removed += 0 if is_added else rows
            if rows:
                examples = found.examples_added if is_added else found.examples_removed
                self._show(examples, exp.GT(this=more.copy(), expression=exp.Literal.number(0)))

    def _counted(self, batch: int) -> exp.Select:
        """The rows that are not there equally often; rows are the same when their hashes are."""
        both = exp.union(self._side(batch, is_after=False), self._side(batch, is_after=True), distinct=False)
        has_any_value = WORDS[self.scratch.dialect].has_any_value
        values = [(exp.AnyValue(this=exp.column(each)) if has_any_value else exp.column(each)).as_(each)
                  for each in self.names()]  # fmt: skip
        sums = [exp.Sum(this=exp.column(name)) for name in ("is_before", "is_after")]
        times = [sums[0].as_("times_before"), sums[1].as_("times_after")]
        return (
            exp.select(*values, *times)
            .from_(both.subquery("rows_of_both"))
            .group_by("row_hash", *(() if has_any_value else self.names()))
            .having(exp.NEQ(this=sums[0].copy(), expression=sums[1].copy()))
        )

    def _side(self, batch: int, *, is_after: bool) -> exp.Select:
        rows = self.rows(in_batch(self.scratch, batch), is_after=is_after)
        marks = [
            exp.Literal.number(int(not is_after)).as_("is_before"), exp.Literal.number(int(is_after)).as_("is_after"),
        ]  # fmt: skip
        return exp.select("row_hash", *self.names(), *marks).from_(rows.subquery("side"))

    def _show(self, examples: list[Example], where: exp.Expr) -> None:
        wanted = self.cells.examples_max - len(examples)
        if wanted <= 0:
            return
        places = self.cells.chosen(range(len(self.shape.pairs)))
        shown = [self.cells.column(exp.column(short("c", at)), at) for at in places]
        order = [exp.column(short("c", at)) for at in places]
        query = exp.select(*shown).from_(PAIRS).where(where).order_by(*order).limit(wanted)
        examples += [Example(self.cells.row(row, places)) for row in self.scratch.fetch(query).rows]
