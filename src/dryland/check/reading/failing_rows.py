"""Understands a test's query: which rows of its table fail, or what of groups or of the table as a whole does.

Tests are queries for failing rows, written in layers by macros. What they come to is often no more than a condition on
the rows of one table, or on aggregates of it, and then the count of those can share a scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

import sqlglot
from sqlglot import exp

from dryland.check.dialects import WORDS
from dryland.check.reading.layers import Tables, table_key
from dryland.check.reading.part import Layer, Part, TooMuch, aggregates, conjuncts, count, every, only
from dryland.check.reading.unions import listed
from dryland.check.scanning.cheap import plain
from dryland.engines.relation import Column
from dryland.errors import DrylandError
from dryland.sql.parse import parse_query
from dryland.sql.volatile import volatile_functions
from dryland.values import dataclass

COUNTING = "count(*)"  # dbt's `fail_calc` unless it is told
CLOCK = frozenset(
    """
    current_date current_timestamp current_time current_localtime current_localtimestamp get_current_time
    get_current_timestamp localtime localtimestamp now today transaction_timestamp age
    """.split()
)
"""Functions that say the same all through a statement, however often a query is made to ask them."""


@dataclass(frozen=True, slots=True)
class Read:
    """A table that a query reads."""

    text: str  # its name as it stands there
    table: exp.Table  # where to look
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """How many rows a query gives, as a term of a scan, and what may show that there are none."""

    failures: exp.Expr
    condition: exp.Expr | None = None  # it gives the rows of the table for which this holds
    none_fails: exp.Expr | None = None  # aggregates: where this holds it gives nothing
    unique: exp.Column | None = None  # where no value of this column is there twice it gives nothing


def failing_rows(sql: str, dialect: str, read: Sequence[Read], fail_calc: str = COUNTING) -> Failing | None:
    """What a test asks in a scan of the first of the tables it reads; None when that takes a query of its own.

    >>> table = Read("t", exp.to_table("store.t1"), (Column("id", "INTEGER"),))
    >>> query = "with bad as (select id from t where id > 3) select * from bad where id <> 7"
    >>> failing_rows(query, "duckdb", [table]).failures.sql("duckdb")
    'COALESCE(COUNT_IF(("id" > 3) AND ("id" <> 7)), 0)'
    """
    try:
        tree = _plainly(parse_query(sql, dialect))
        if {*volatile_functions(tree, dialect)} - CLOCK:
            return None
        scanned = read[0].table
        parts = dict(_part(each, scanned, dialect) for each in read)
        tables = Tables(scanned, parts, WORDS[dialect].has_rows_of_functions)
        if fail_calc == COUNTING:
            return _counted(tables.layer(tree, {}), scanned)
        asked = sqlglot.parse_one(fail_calc, dialect=dialect)
        if volatile_functions(asked, dialect):
            return None
        return _summed(asked, tree, tables) if isinstance(asked, exp.Sum) else _calculated(asked, tree, tables)
    except (DrylandError, sqlglot.errors.SqlglotError, TooMuch):
        return None


def _plainly(tree: exp.Query) -> exp.Query:
    """The query without comments, which would be told again with each term, and places, which would be copied."""
    for each in tree.walk():
        each.comments = None
        each.meta.clear()
    return tree


def _part(read: Read, scanned: exp.Table, dialect: str) -> tuple[tuple[str, str, str], Part]:
    values = {("", column.name.lower()): _column(column) for column in read.columns}
    if len(values) < len(read.columns):
        raise TooMuch  # names that differ by their letters alone
    source = None if read.table is scanned else read.table
    return table_key(exp.to_table(read.text, dialect=dialect)), Part("row", values, source=source)


def _column(column: Column) -> exp.Column:
    named: exp.Column = exp.column(column.name, quoted=True)
    kind = column.type.upper()
    named.meta["kind"] = "TEXT" if kind.startswith(("VARCHAR", "CHARACTER VARYING")) else kind  # as casts write it
    return named


def _counted(layer: Layer, table: exp.Table) -> Failing:
    parts = listed(layer)
    failures = _sum(count(part, table) for part in parts)
    first = parts[0] if len(parts) == 1 and parts[0].source is None else None
    if first is not None and first.per == "row":
        return Failing(failures, condition=every(first.where))
    return Failing(failures, none_fails=_none_fails(parts, table), unique=_unique(first) if first else None)


def _sum(terms: Iterable[exp.Expr]) -> exp.Expr:
    found = list(terms) or [exp.Literal.number(0)]
    return reduce(lambda left, right: exp.Add(this=left, expression=right), found)


def _none_fails(parts: Layer, table: exp.Table) -> exp.Expr | None:
    """Groups that are picked by their keys alone: there are none where there are no such rows."""
    groups = {number for number, part in enumerate(parts) if part.per == "group" and _is_of_rows(part)}
    if not groups or any(part.per != "whole" for number, part in enumerate(parts) if number not in groups):
        return None
    rows = [replace(part, per="row", where=(*part.of, *part.where)) if part.per == "group" else part for part in parts]
    return exp.EQ(this=exp.paren(_sum(count(part, table) for part in rows)), expression=exp.Literal.number(0))


def _is_of_rows(part: Part) -> bool:
    """Whether it gives a group for each row that is picked: then it is empty just when no row is."""
    is_of_keys = not any(aggregates(each) or each.find(exp.Query) for each in part.where)
    return part.source is None and is_of_keys and bool(part.of or part.where)


def _summed(asked: exp.Sum, tree: exp.Query, tables: Tables) -> Failing:
    """A sum over the rows that a query gives; nothing is summed to zero."""
    return Failing(_sum(_sum_of(part) for part in tables.layer(_over(tree, asked.this), {})))


def _sum_of(part: Part) -> exp.Expr:
    (value,) = part.values.values()
    picked = exp.Case(ifs=[exp.If(this=every(part.where), true=value.copy())])
    if part.per == "group" or part.source is not None:
        raise TooMuch
    term = exp.Sum(this=picked) if part.per == "row" else picked
    return exp.Coalesce(this=term, expressions=[exp.Literal.number(0)])


def _calculated(asked: exp.Expr, tree: exp.Query, tables: Tables) -> Failing:
    """The single value that a `fail_calc` gives."""
    part = only(tables.layer(_over(tree, asked), {}))
    if part.per != "whole" or part.where:
        raise TooMuch
    (value,) = part.values.values()
    return Failing(value)


def _over(tree: exp.Query, value: exp.Expr) -> exp.Select:
    return exp.select(value).from_(tree.subquery("dbt_internal_test"))


def _unique(part: Part) -> exp.Column | None:
    """The column of which values must not be there twice: `group by x having count(*) > 1`."""
    key = part.keys[0] if len(part.keys) == 1 else None
    is_of_repeated = any(_is_repeated(each) for condition in part.where for each in conjuncts(condition))
    if not isinstance(key, exp.Column) or not is_of_repeated:
        return None
    present = (each.this.this for condition in part.of for each in conjuncts(condition) if _is_presence(each))
    return key if any(value.unnest() == key for value in present) else None


def _is_repeated(condition: exp.Expr) -> bool:
    """Whether it is `count(*) > 1`, or asks for more."""
    if not isinstance(condition, exp.GT) or not isinstance(condition.this.unnest(), exp.Count):
        return False
    bound = condition.expression.unnest()
    return isinstance(bound, exp.Literal) and bound.is_int and int(bound.this) >= 1


def _is_presence(condition: exp.Expr) -> bool:
    """Whether it is `not x is null`."""
    inner = plain(condition.this) if isinstance(condition, exp.Not) else None
    if not isinstance(inner, exp.Is) or inner.args.get("negate"):
        return False
    return isinstance(inner.expression.unnest(), exp.Null)
