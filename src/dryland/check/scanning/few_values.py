"""Asks what concerns one column of its different values, each once: where they are few, that is less than a scan."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dryland.check.dialects import family, same_bytes
from dryland.check.scanning.known import Known
from dryland.engines.relation import Column

SHARE_TO_READ, SHARE_TO_MATCH = 0.0002, 0.1  # of values in rows of texts, up to which grouping them first pays
VALUES_FEW = 100_000  # up to here it takes less than an estimate of their number, which profiles have
SLOW = (
    exp.RegexpLike,
    exp.RegexpILike,
    exp.RegexpFullMatch,
    exp.RegexpExtract,
    exp.RegexpExtractAll,
    exp.RegexpReplace,
    exp.Operator,
    exp.TryCast,
    exp.Anonymous,
)
"""What takes so long for a value that finding the different ones first pays."""
INEXACT = ("FLOAT", "DOUBLE", "REAL", "TIME WITH", "UUID", "ENUM")  # 0.0 equals -0.0; the last two are no texts


def few_valued(columns: Iterable[Column], terms: Iterable[exp.Expr], known: Known, *, profile: bool) -> frozenset[str]:
    """Columns, in lower case, of which the terms are better asked of their values."""
    if not known.rows:
        return frozenset()
    asked = {name for term in terms if (name := sole_column(term)) and not known.answers(term)}
    slow = {sole_column(term) for term in terms if term.find(*SLOW)}
    few = set()
    for column in columns:
        name, is_text = column.name.lower(), family(column.type) == "text"
        worth = known.rows * (SHARE_TO_MATCH if name in slow else SHARE_TO_READ) if is_text and name in asked else 0
        if profile:
            worth = max(worth, VALUES_FEW)
        if name in known.distinct and known.distinct[name] <= worth and _is_exact(column.type.upper()):
            few.add(name)
    return frozenset(few)


def sole_column(term: exp.Expr) -> str:
    """The only column that a term reads, in lower case; empty when there are several, or none."""
    read = {each.name.lower() for each in term.find_all(exp.Column)}
    return next(iter(read)) if len(read) == 1 else ""


def values_of(column: Column, table: exp.Table, dialect: str) -> exp.Subquery:
    """The table with each value of the column once, and how often it is there.

    Texts that a collation takes for equal stay apart: a pattern does not.
    """
    name: exp.Expr = exp.column(column.name, quoted=True)
    is_text = family(column.type) == "text"
    shown, grouped = (exp.AnyValue(this=name), same_bytes(name, dialect)) if is_text else (name, name)
    called = table.alias or table.name
    times = exp.Count(this=exp.Star()).as_(_times(column.name), quoted=True)
    source = exp.select(shown.copy().as_(column.name, quoted=True), times).from_(table.copy()).group_by(grouped.copy())
    return source.subquery(exp.to_identifier(called, quoted=True))


def over_values(term: exp.Expr, column: str, table: exp.Table) -> exp.Expr | None:
    """The same term asked of `values_of` the column; None where it does not say the same there.

    >>> term = exp.CountIf(this=exp.column("size").eq("XL"))
    >>> over_values(term, "size", exp.to_table("shirts")).sql("duckdb")
    'COALESCE(CAST(SUM("size times") FILTER(WHERE size = \\'XL\\') AS BIGINT), 0)'
    """
    if term.find(exp.Query, exp.Window, exp.Var) or not _reads_only(term, column, table):
        return None
    if not term.find(exp.AggFunc):
        return None
    weighed = term.copy()
    for aggregate in [each for each in weighed.find_all(exp.AggFunc, exp.Filter) if not each.find_ancestor(exp.Filter)]:
        new = _weighed(aggregate, column)
        if new is None:
            return None
        if aggregate is weighed:
            return new
        aggregate.replace(new)
    return weighed


def _reads_only(term: exp.Expr, column: str, table: exp.Table) -> bool:
    called = (table.alias or table.name).lower()
    reads = list(term.find_all(exp.Column))
    return all(each.name.lower() == column.lower() and each.table.lower() in ("", called) for each in reads)


def _weighed(aggregate: exp.Expr, column: str) -> exp.Expr | None:
    """An aggregate of rows as one of values, each as often as it is there."""
    where = None
    if isinstance(aggregate, exp.Filter):
        where = aggregate.expression.this
        aggregate = aggregate.this
    if isinstance(aggregate, exp.CountIf) and where is None:
        return _times_where(column, aggregate.this)
    if isinstance(aggregate, exp.ApproxDistinct):
        aggregate = exp.Count(this=exp.Distinct(expressions=[aggregate.this.copy()]))
    if isinstance(aggregate, exp.Min | exp.Max) or _is_distinct(aggregate):
        return exp.Filter(this=aggregate.copy(), expression=exp.Where(this=where.copy())) if where else aggregate.copy()
    if not isinstance(aggregate, exp.Count) or not isinstance(aggregate.this, exp.Star | exp.Column):
        return None
    if isinstance(aggregate.this, exp.Column):
        where = exp.and_(aggregate.this.is_(exp.null()).not_(), where)
    return _times_where(column, where)


def _is_distinct(aggregate: exp.Expr) -> bool:
    return isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Distinct)


def _times_where(column: str, where: exp.Expr | None) -> exp.Expr:
    total: exp.Expr = exp.Sum(this=exp.column(_times(column), quoted=True))
    if where is not None:
        total = exp.Filter(this=total, expression=exp.Where(this=where.copy()))
    whole = exp.cast(total, "BIGINT")
    return exp.Coalesce(this=whole, expressions=[exp.Literal.number(0)])


def _times(column: str) -> str:
    return f"{column.lower()} times"


def _is_exact(kind: str) -> bool:
    """Whether equal values of a type are the same, so that one stands for all."""
    return family(kind) != "other" and not kind.startswith(INEXACT)
