"""Measures how far the distribution of each column moved, on a sample of both sides that has the same keys.

Whole buckets of the key's hash are the sample, the same ones of both sides: rows that are equal are in both or in
neither, so what did not change can add no noise. Small tables are taken whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlglot import exp

from dryland.check.dialects import family
from dryland.check.scanning.scan import plain
from dryland.diff.both_sides import BothSides
from dryland.diff.dialects import WORDS
from dryland.diff.difference import Share, Shift
from dryland.diff.scratch import SAMPLE
from dryland.diff.side import exactly, short
from dryland.diff.statistics import jensen_shannon, population_stability
from dryland.values import dataclass

AT = (0.0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 1.0)
EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of ten bins, each with a tenth of the rows before
SHOWN = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
COLUMNS_AT_ONCE = 50  # in one query
SHARES_MAX = 8  # categories that are shown
OTHERS, NOTHING = "(others)", "null"


@dataclass(frozen=True, slots=True)
class Sampling(BothSides):
    """Both sides, of which a sample is looked at."""

    def take(self, rows_max: int) -> int | None:
        """Put the sample aside; return how many rows of both sides it has, None when it has all of them."""
        rows = max(self.buckets.rows_before, self.buckets.rows_after)
        count = self.buckets.count
        if rows > rows_max:
            count = max(self.buckets.count * rows_max // rows, 1)
        where = exp.LT(this=exp.column("bucket"), expression=exp.Literal.number(count))
        sides = [self._side(where, is_after=is_after) for is_after in (False, True)]
        self.scratch.make(SAMPLE, exp.union(*sides, distinct=False))
        if count == self.buckets.count:
            return None
        return int(self.scratch.fetch(exp.select(exp.Count(this=exp.Star())).from_(SAMPLE)).rows[0][0])

    def shifts(self, places: Iterable[int]) -> dict[int, Shift]:
        """The shift of each of these columns that has a distribution to speak of."""
        families = {at: family(self.shape.pairs[at].type) for at in places}
        ordered = [at for at, name in families.items() if name in ("number", "moment")]
        found: dict[int, Shift] = {}
        for start in range(0, len(ordered), COLUMNS_AT_ONCE):
            found |= self._of_ordered(ordered[start : start + COLUMNS_AT_ONCE])
        return found | {at: self._of_categories(at) for at, name in families.items() if name in ("text", "boolean")}

    def _side(self, where: exp.Expr, *, is_after: bool) -> exp.Select:
        rows = self.rows(where, is_after=is_after).subquery("sampled")
        return exp.select(exp.Literal.number(int(is_after)).as_("side"), *self.names()).from_(rows)

    def _of_ordered(self, places: Sequence[int]) -> dict[int, Shift]:
        """Numbers and moments: quantiles of both sides, and the stability of bins cut at deciles of before."""
        quantiles = self._by_side(
            WORDS[self.scratch.dialect].quantiles(exp.column(short("c", at)), AT) for at in places
        )
        edges = {at: _edges(quantiles[0][number]) for number, at in enumerate(places)}
        terms = [term for at in places for term in self._bin_terms(at, edges[at])]
        counts = {side: iter(row) for side, row in self._by_side(terms).items()}
        found = {}
        for number, at in enumerate(places):
            before, after = (_bins(counts[side], len(edges[at])) for side in (0, 1))
            measured = population_stability(before, after)
            if self.cells.is_hidden(at):
                found[at] = Shift("psi", measured)
            else:
                shares = _shares(_labels(edges[at]), before, after)
                found[at] = Shift("psi", measured, shares, _shown(quantiles[0][number], quantiles[1][number]))
        return found

    def _bin_terms(self, at: int, edges: Sequence[str]) -> list[exp.Expr]:
        """All rows, those with a value, and those up to each edge."""
        column = exp.column(short("c", at))
        kind = exactly(self.shape.pairs[at].type)
        below = (
            exp.LTE(this=column.copy(), expression=exp.Cast(this=exp.Literal.string(edge), to=kind.copy()))
            for edge in edges
        )
        return [exp.Count(this=exp.Star()), exp.Count(this=column), *(exp.CountIf(this=each) for each in below)]

    def _by_side(self, terms: Iterable[exp.Expr]) -> dict[int, tuple[Any, ...]]:
        listed = list(terms)
        query = exp.select("side", *(term.as_(f"t{number}") for number, term in enumerate(listed)))
        found = {row[0]: row[1:] for row in self.scratch.fetch(query.from_(SAMPLE).group_by("side")).rows}
        return {side: found.get(side, (None,) * len(listed)) for side in (0, 1)}

    def _of_categories(self, at: int) -> Shift:
        """Texts and booleans: the distance is computed over all values, the most frequent ones are shown."""
        rows = self._rows_by_side()
        if not all(rows):
            return Shift("jensen_shannon", 0.0)
        found = self.scratch.fetch(_categories(at, rows)).rows
        measured = jensen_shannon(float(found[0][3]))
        if self.cells.is_hidden(at):
            return Shift("jensen_shannon", measured)
        shown = [(_label(value), int(before), int(after)) for value, before, after, _ in found]
        labels = [row[0] for row in shown]
        ours, theirs = [row[1] for row in shown], [row[2] for row in shown]
        others = rows[0] - sum(ours), rows[1] - sum(theirs)
        if any(others):
            labels, ours, theirs = [*labels, OTHERS], [*ours, others[0]], [*theirs, others[1]]
        return Shift("jensen_shannon", measured, _shares(labels, ours, theirs))

    def _rows_by_side(self) -> tuple[int, int]:
        counts = self._by_side([exp.Count(this=exp.Star())])
        return counts[0][0] or 0, counts[1][0] or 0


def _categories(at: int, rows: tuple[int, int]) -> exp.Select:
    """The most frequent values with their counts on both sides, and the surprise of all values."""
    column, side = exp.column(short("c", at)), exp.column("side")
    of_before = exp.Sum(this=exp.Sub(this=exp.Literal.number(1), expression=side))
    counted = (
        exp.select(column.as_("value"), of_before.as_("before"), exp.Sum(this=side.copy()).as_("after"))
        .from_(SAMPLE)
        .group_by(column.copy())
    )
    surprise = exp.Window(this=exp.Sum(this=_surprise(rows)))
    return (
        exp.select("value", "before", "after", surprise.as_("surprise"))
        .from_(counted.subquery("counted"))
        .order_by("before + after DESC", "value")
        .limit(SHARES_MAX)
    )


def _surprise(rows: tuple[int, int]) -> exp.Expr:
    """One category's part of the Jensen-Shannon divergence, in nats; an absent side adds nothing."""
    p, q = (
        exp.Div(this=exp.cast(exp.column(name), "DOUBLE"), expression=exp.Literal.number(count))
        for name, count in zip(("before", "after"), rows, strict=True)
    )
    mean = exp.Div(this=exp.paren(exp.Add(this=p, expression=q)), expression=exp.Literal.number(2))
    parts = [
        exp.Case()
        .when(exp.GT(this=share.copy(), expression=exp.Literal.number(0)), _times_log_ratio(share, mean))
        .else_(exp.Literal.number(0))
        for share in (p, q)
    ]
    return exp.Add(this=parts[0], expression=parts[1])


def _times_log_ratio(share: exp.Expr, mean: exp.Expr) -> exp.Expr:
    ratio = exp.Div(this=share.copy(), expression=exp.paren(mean.copy()))
    return exp.Mul(this=share.copy(), expression=exp.Ln(this=ratio))


def _edges(quantiles: Sequence[str] | None) -> list[str]:
    """The deciles of before, each once; none where it has no values."""
    if quantiles is None:
        return []
    return list(dict.fromkeys(quantiles[AT.index(each)] for each in EDGES))


def _bins(counts: Iterator[Any], edges: int) -> list[int]:
    """Rows in each bin from numbers of rows up to its edge; the last is of those without a value."""
    rows, known, *below = (int(each or 0) for each in itertools.islice(counts, edges + 2))
    upper = [*below, known]
    return [*(count - less for count, less in zip(upper, [0, *below], strict=True)), rows - known]


def _labels(edges: Sequence[str]) -> list[str]:
    if not edges:
        return ["any", NOTHING]
    return [f"≤ {edges[0]}", *(f"≤ {edge}" for edge in edges[1:]), f"> {edges[-1]}", NOTHING]


def _label(value: object) -> str:
    return NOTHING if value is None else str(plain(value))


def _shares(labels: Iterable[str], before: Sequence[int], after: Sequence[int]) -> tuple[Share, ...]:
    """Counts as shares; a bin that both sides leave empty is not shown."""
    ours, theirs = sum(before), sum(after)
    return tuple(
        Share(label, one / max(ours, 1), other / max(theirs, 1))
        for label, one, other in zip(labels, before, after, strict=True)
        if one or other
    )


def _shown(before: Sequence[str] | None, after: Sequence[str] | None) -> tuple[tuple[float, object, object], ...]:
    none = [None] * len(AT)
    return tuple((each, (before or none)[AT.index(each)], (after or none)[AT.index(each)]) for each in SHOWN)
