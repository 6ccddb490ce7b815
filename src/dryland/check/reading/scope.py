"""Says what an expression means within one layer of a query, over the columns of the table."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from dryland.check.reading.part import Layer, Part, TooMuch, bare, only, query, worked_out
from dryland.values import dataclass

MORE = (
    exp.Window, exp.Placeholder, exp.Parameter, exp.Star, exp.UDTF, exp.Explode, exp.Lambda, exp.Comprehension,
    exp.Exists, exp.Any, exp.All, exp.GenerateSeries, exp.ExplodingGenerateSeries,
)  # fmt: skip
"""What an expression must not have: it is worked out of more than one row, makes several, or has names of its own."""

AGGREGATES = frozenset(
    """
    arbitrary arg_max_null arg_max_nulls_last arg_min_null arg_min_nulls_last bitstring_agg count_star entropy favg
    fill fsum histogram histogram_exact kahan_sum kurtosis_pop mad mean product reservoir_quantile sem sum_no_overflow
    sumkahan every json_agg jsonb_agg json_object_agg jsonb_object_agg json_arrayagg json_objectagg range_agg
    range_intersect_agg xmlagg xor_agg bit_xor string_agg regr_count
    """.split()
)
"""Aggregates that the parser takes for functions of one row: whoever reads a term of a scan would as well."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names and subqueries stand for."""

    part: Part
    layer: Callable[[exp.Expr], Layer]  # what a subquery comes to
    table: exp.Table

    def resolved(self, tree: exp.Expr) -> exp.Expr:
        """The expression over the table's own columns."""
        holder = exp.Paren(this=tree.copy())
        own = list(holder.walk(prune=_is_query))
        if any(map(_is_more, own)):
            raise TooMuch
        for each in own:
            if isinstance(each, exp.Query):
                self._answer(each)
            elif isinstance(each, exp.Column):
                each.replace(self._meant(each))
        return bare(holder)

    def _meant(self, column: exp.Column) -> exp.Expr:
        name, source = column.name.lower(), column.table.lower()
        found = [
            value for (alias, known), value in self.part.values.items() if known == name and source in ("", alias)
        ]  # fmt: skip
        if column.db or len(found) != 1:
            raise TooMuch
        return bare(found[0])

    def _answer(self, asked: exp.Query) -> None:
        """Put what a subquery gives in its place: one value, or the list of those that something may be in."""
        holder, layer = asked.parent, self.layer(asked)
        if not isinstance(holder, exp.In):
            asked.replace(_single(only(layer), self.table))
            return
        if not layer or not all(part.is_constant and not part.where and len(part.values) == 1 for part in layer):
            raise TooMuch
        holder.set("query", None)
        holder.set("expressions", [value.copy() for part in layer for value in part.values.values()])


def _single(part: Part, table: exp.Table) -> exp.Expr:
    """The value of a scalar subquery."""
    if part.per != "whole" or len(part.values) != 1:
        raise TooMuch
    (value,) = part.values.values()
    return query(part, [value], table).subquery() if part.where else worked_out(value, table)


def _is_more(tree: exp.Expr) -> bool:
    is_unknown = isinstance(tree, exp.Anonymous) and str(tree.this).lower() in AGGREGATES
    return is_unknown or (isinstance(tree, MORE) and not _is_counting(tree))


def _is_query(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Query)


def _is_counting(tree: exp.Expr) -> bool:
    """Whether it is the star of `count(*)`."""
    return isinstance(tree, exp.Star) and isinstance(tree.parent, exp.Count)
