"""Shows that keys are unique in less time than their groups are counted in, by where they stand or lie.

They stand in order, they lie so close that bits can mark them, or they differ from their neighbours once sorted.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dryland.check.dialects import distinct_integers
from dryland.check.scanning.known import Known
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column

BITS_PER_VALUE, BITS_MAX = 32, 1_000_000_000  # a set of bits may be so much larger than what is in it: 125 MB at most
LIKELY = 0.4  # of rows have values of their own, by an estimate that may be half of it: else groups are counted anyway
INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})


def unique_columns(
    session: Session, keys: Iterable[str], table: exp.Table, columns: tuple[Column, ...], known: Known, dialect: str
) -> frozenset[str]:
    """Those of the keys, in lower case, that have surely no value twice; of the others nobody knows yet."""
    integers = {column.name.lower() for column in columns if column.type.upper() in INTEGERS}
    found = set()
    for name in keys:
        lower, key = name.lower(), exp.column(name, quoted=True)
        is_likely = known.distinct.get(lower, 0) >= known.rows * LIKELY
        if (
            (lower in known.full and _in_order(session, key, table, dialect))
            or (lower in integers and _close_together(session, key, table, dialect))
            or (
                is_likely
                and lower in known.full & known.bounded
                and _in_order(session, key, _sorted(key, table), dialect)
            )
            or (is_likely and lower not in known.bounded and _as_many_groups(session, key, table, dialect))
        ):
            found.add(lower)
    return frozenset(found)


def _sorted(key: exp.Column, table: exp.Table) -> exp.Expr:
    """Numbers are sorted in less time than they are grouped; texts are not."""
    return exp.select(key.copy()).from_(table.copy()).order_by(key.copy()).subquery("sorted")


def _in_order(session: Session, key: exp.Column, rows: exp.Expr, dialect: str) -> bool:
    """Whether each value is larger than the one before, in whatever order they come; the first that is not ends it."""
    before = exp.Window(this=exp.Lag(this=key.copy()))
    pairs = exp.select(key.copy().as_("key"), before.as_("before")).from_(rows.copy()).subquery("pairs")
    larger = exp.LT(this=exp.column("before"), expression=exp.column("key"))
    one = (
        exp.select(exp.Literal.number(1).as_("found")).from_(pairs).where(exp.Not(this=exp.Paren(this=larger))).limit(1)
    )
    counted = exp.select(exp.Count(this=exp.Star())).from_(one.subquery("found"))
    return not session.fetch(render_sql(counted, dialect)).rows[0][0]


def _as_many_groups(session: Session, key: exp.Column, table: exp.Table, dialect: str) -> bool:
    """Whether there are as many groups as values; how many rows each has takes longer to know."""
    groups = exp.select(key.copy()).from_(table.copy()).where(key.copy().is_(exp.null()).not_()).group_by(key.copy())
    counted = exp.select(exp.Count(this=exp.Star())).from_(groups.subquery("groups"))
    values = exp.select(exp.Count(this=key.copy())).from_(table.copy())
    found = [session.fetch(render_sql(query, dialect)).rows[0][0] for query in (counted, values)]
    return bool(found[0] == found[1])


def _close_together(session: Session, key: exp.Column, table: exp.Table, dialect: str) -> bool:
    """Whether a bit for each value that there may be shows as many as there are."""
    bounds = [make(this=key.copy()) for make in (exp.Min, exp.Max)]
    low, high = session.fetch(render_sql(exp.select(*bounds).from_(table.copy()), dialect)).rows[0]
    counted = exp.Count(this=key.copy())
    count = session.fetch(render_sql(exp.select(counted).from_(table.copy()), dialect)).rows[0][0]
    if not count or high - low >= min(count * BITS_PER_VALUE, BITS_MAX):
        return False
    marks = distinct_integers(key.copy(), low, high, dialect)
    if marks is None:
        return False
    return bool(session.fetch(render_sql(exp.select(marks).from_(table.copy()), dialect)).rows[0][0] == count)
