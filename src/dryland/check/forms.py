"""Makes terms in the three forms that checks have: rows that offend, a table that does, and what a query gives.

All kinds take `where`, and where it makes sense `mostly` (the share of rows that must be good, those without a value
left out) and `group_by` (the question is asked of each group, and groups fail).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from dryland.check.term import Asked, Term

Says = tuple[str, str]
GROUPS: Says = ("1 group: {}", "{{n}} groups: {}")


def rows_fail(asked: Asked, offending: exp.Expr, says: Says, *, is_of_value: bool = True) -> Term:
    """Rows for which a condition is true offend; null is not true.

    `is_of_value`: a share is of the rows that have a value, not of all.
    """
    rows = exp.select("*").from_(asked.table.copy()).where(offending.copy(), *asked.conditions)
    everything = exp.and_(offending, *asked.conditions)
    mostly, groups = asked.arguments.get("mostly"), asked.arguments.get("group_by")
    if mostly in (None, 1) and not groups:
        return Term(rows, says, offending=everything)
    of = asked.value if is_of_value and asked.column else exp.Star()
    too_many: exp.Expr = exp.GT(this=_count_if(offending), expression=_share(exp.Count(this=of), mostly))
    if groups:
        found = {"failing": _count_if(offending), "rows": exp.Count(this=exp.Star())}
        return query_fails(grouped(asked, groups, found, too_many), _of_groups(says))
    is_failed = exp.select(too_many).from_(asked.table.copy()).where(*asked.conditions).subquery()
    over = _over(too_many, asked.conditions)
    failures = exp.case().when(over, _count_if(everything)).else_(exp.Literal.number(0))
    return Term(rows, says, failures=failures, failing=rows.where(is_failed))


def whole_fails(asked: Asked, wrong: exp.Expr, says: str, shown: Mapping[str, exp.Expr]) -> Term:
    """The table as a whole offends when a condition on its aggregates is true; null is not true.

    `shown` are the aggregates that people want to see, by name.
    """
    groups = asked.arguments.get("group_by")
    if groups:
        return query_fails(grouped(asked, groups, shown, wrong), _of_groups((says, says)))
    measured = [value.copy().as_(name, quoted=True) for name, value in shown.items()]
    sample = exp.select(*measured).from_(asked.table.copy()).where(*asked.conditions).having(wrong.copy())
    if asked.conditions and any(isinstance(each.parent, exp.Paren) for each in wrong.find_all(exp.Var)):
        return query_fails(sample, (says, says))  # own SQL that is not read may hold aggregates of its own
    failures = exp.case().when(_over(wrong, asked.conditions), exp.Literal.number(1)).else_(exp.Literal.number(0))
    return Term(sample, (says, says), failures=failures)


def query_fails(query: exp.Query, says: Says, *, failing: exp.Query | None = None) -> Term:
    """Every row that a query gives is a failure; `failing` are the same with the names that dbt gives to columns."""
    counted = exp.select(exp.Count(this=exp.Star())).from_(query.copy().subquery("failing")).subquery()
    return Term(query, says, failures=counted, failing=failing)


def known(
    is_wrong: bool, says: str, shown: Sequence[Mapping[str, object]], failures: int = 1
) -> Term:  # fmt: skip
    """What is known without asking the warehouse, such as of columns: a term that says so in SQL."""
    number = exp.Literal.number(failures if is_wrong else 0)
    rows = [exp.select(*(exp.convert(value).as_(name, quoted=True) for name, value in row.items())) for row in shown]
    sample: exp.Query = rows[0] if rows else exp.select(exp.null().as_("problem"))
    for row in rows[1:]:
        sample = exp.union(sample, row, distinct=False, copy=False)
    if not is_wrong:
        sample = exp.select("*").from_(sample.subquery("known")).where(exp.false())
    return Term(sample, (says, says), failures=exp.Coalesce(this=exp.Max(this=number), expressions=[number.copy()]))


def grouped(
    asked: Asked, groups: Sequence[str], shown: Mapping[str, exp.Expr], wrong: exp.Expr
) -> exp.Select:  # fmt: skip
    """The groups of which a condition on aggregates is true, with aggregates that people want to see."""
    keys = [exp.column(name, quoted=True) for name in groups]
    measured = [value.copy().as_(name, quoted=True) for name, value in shown.items()]
    query = exp.select(*keys, *measured).from_(asked.table.copy()).where(*asked.conditions)
    return query.group_by(*(key.copy() for key in keys)).having(wrong.copy())


def _of_groups(says: Says) -> Says:
    one, many = GROUPS
    mark = "{n} rows" if "{n} rows" in says[1] else "{n} "
    inner = says[1].replace(mark, mark.removeprefix("{n} "), 1)
    return one.format(inner), many.format(inner)


def _count_if(condition: exp.Expr) -> exp.Expr:
    return exp.CountIf(this=condition.copy())


def _share(count: exp.Expr, mostly: float | None) -> exp.Expr:
    """How many of a number of rows may fail; exact, for 0.9 of 10 rows leaves 1."""
    if mostly is None:
        return exp.Literal.number(0)
    return exp.Mul(this=count, expression=may_fail(mostly))


def may_fail(mostly: float) -> exp.Expr:
    """The share of rows that need not be good."""
    return exp.Literal.number(f"{1 - Decimal(str(mostly)):f}")


def _over(value: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
    """The aggregates of a value over some of the rows only."""
    if not conditions:
        return value.copy()
    holder = exp.Paren(this=value.copy())
    for aggregate in [each for each in holder.find_all(exp.AggFunc) if not each.find_ancestor(exp.AggFunc)]:
        picked = exp.Where(this=exp.and_(*(each.copy() for each in conditions), copy=False))
        around = aggregate.parent if isinstance(aggregate.parent, exp.WithinGroup) else aggregate
        around.replace(exp.Filter(this=around.copy(), expression=picked))
    return holder
