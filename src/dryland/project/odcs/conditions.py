"""Writes what a contract forbids as SQL: rows that must not be, and measures outside of what is allowed."""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp

import dryland.tilde  # noqa: F401 - it changes how SQL is read
from dryland.project.odcs.allowed import Allowed, End, Stretch
from dryland.project.odcs.contract import Field, Rule
from dryland.project.odcs.ranges import length_of, range_of

OBJECT = "__object__"  # stands for the table until its name is put in
MEASURED = "measured"


def bad_rows(rule: Rule, column: str) -> exp.Expr | None:
    """What is true of the rows that a rule counts; None when it counts something else."""
    value = _column(column)
    if rule.metric == "nullValues":
        return value.is_(exp.null())
    if rule.metric == "missingValues":
        return _is_missing(value, rule.arguments.get("missingValues") or [None])
    if rule.metric == "invalidValues":
        return exp.and_(value.is_(exp.null()).not_(), exp.not_(exp.and_(*_valid(value, rule)), copy=False))
    return None


def is_allowed(measured: exp.Expr, allowed: Allowed) -> exp.Expr:
    """That a value is allowed."""
    return exp.or_(*(_within(each, measured) for each in allowed.stretches)) if allowed.stretches else exp.false()


def rows_where(condition: exp.Expr) -> exp.Select:
    """The rows of which something is true."""
    return exp.select("*").from_(_table()).where(condition)


def outside(measure: exp.Expr, allowed: Allowed) -> exp.Select:
    """The measure, if it is not allowed; nothing is not allowed either."""
    value = exp.column(MEASURED, quoted=True)
    inner = exp.select(exp.alias_(measure, MEASURED, quoted=True)).from_(_table()).subquery("counted")
    return exp.select("*").from_(inner).where(exp.or_(value.is_(exp.null()), is_allowed(value, allowed).not_()))


def measure_of(rule: Rule, columns: tuple[str, ...]) -> exp.Expr:
    """What a rule measures, as an expression over the whole table."""
    if rule.metric == "rowCount":
        counted: exp.Expr = exp.Count(this=exp.Star())
    elif rule.metric == "duplicateValues":
        values = exp.select(exp.Count(this=exp.Star())).from_(repeated(columns).subquery("repeated")).subquery()
        counted = exp.func("coalesce", exp.Max(this=values), exp.convert(0))  # one answer, however many rows there are
    else:
        condition = bad_rows(rule, columns[0])
        assert condition is not None
        counted = exp.func("coalesce", exp.Sum(this=exp.case().when(condition, "1").else_("0")), exp.convert(0))
    if rule.unit != "percent" or rule.metric == "rowCount":
        return counted
    rows = exp.func("nullif", exp.Count(this=exp.Star()), exp.convert(0))
    share = exp.Div(this=exp.Mul(this=exp.Paren(this=counted), expression=exp.convert(100.0)), expression=rows)
    return exp.func("coalesce", share, exp.convert(0))


def repeated(columns: tuple[str, ...]) -> exp.Select:
    """The values, or combinations of values, that are there more than once."""
    names = [_column(each) for each in columns]
    count = exp.Count(this=exp.Star())
    query = exp.select(*names, exp.alias_(count, "times")).from_(_table()).group_by(*(each.copy() for each in names))
    if len(columns) == 1:
        query = query.where(names[0].is_(exp.null()).not_())
    return query.having(exp.GT(this=count.copy(), expression=exp.convert(1)))


def answer_outside(query: str, allowed: Allowed, dialect: str) -> exp.Select:
    """The answer to a query of one value, if it is not allowed.

    Raises:
        SqlglotError: it is no query.
    """
    tree = sqlglot.parse_one(query, dialect=dialect)
    if not isinstance(tree, exp.Query):
        raise sqlglot.errors.ParseError("it is no query")
    alias = exp.TableAlias(this=exp.to_identifier("answer"), columns=[exp.to_identifier(MEASURED, quoted=True)])
    value = exp.column(MEASURED, quoted=True)
    inner = exp.Subquery(this=tree, alias=alias)
    return exp.select("*").from_(inner).where(exp.or_(value.is_(exp.null()), is_allowed(value, allowed).not_()))


def option_conditions(column: Field) -> dict[str, exp.Expr]:
    """What is true of rows that break the logical type's options, by the name of a check."""
    value = _column(column.name)
    found: dict[str, exp.Expr] = {}
    if (allowed := range_of(column)) is not None:
        found["range"] = is_allowed(value, allowed).not_()
    if (allowed := length_of(column)) is not None:
        found["length"] = is_allowed(exp.Length(this=value.copy()), allowed).not_()
    if pattern := column.options.get("pattern"):
        found["pattern"] = _matches(value, str(pattern)).not_()
    if isinstance(step := column.options.get("multipleOf"), int | float) and step:
        rest = exp.Mod(this=value.copy(), expression=exp.convert(step))
        found["multiple"] = exp.NEQ(this=rest, expression=exp.convert(0))
    return found


def orphans(columns: tuple[str, ...], parent: exp.Table, fields: tuple[str, ...]) -> exp.Select:
    """Rows that refer to nothing; a row with a null in its key refers to nothing on purpose."""
    child = [exp.column(each, "child", quoted=True) for each in columns]
    pairs = zip(child, (exp.column(each, "parent", quoted=True) for each in fields), strict=True)
    same = exp.and_(*(exp.EQ(this=theirs, expression=mine.copy()) for mine, theirs in pairs))
    there = exp.select("1").from_(exp.alias_(parent, "parent", table=True)).where(same)
    present = [each.copy().is_(exp.null()).not_() for each in child]
    table = exp.alias_(_table(), "child", table=True)
    return exp.select("child.*").from_(table).where(*present, exp.Not(this=exp.Exists(this=there)))


def _is_missing(value: exp.Column, values: list[Any]) -> exp.Expr:
    """Texts are compared with the value as text: `N/A` may stand for a number."""
    texts = [str(each) for each in values if each is not None]
    parts: list[exp.Expr] = [value.is_(exp.null())] if None in values else []
    if texts:
        parts.append(exp.cast(value.copy(), "text").isin(*texts))
    return exp.or_(*parts)


def _valid(value: exp.Column, rule: Rule) -> list[exp.Expr]:
    parts: list[exp.Expr] = []
    if values := rule.arguments.get("validValues"):
        parts.append(value.copy().isin(*(exp.convert(each) for each in values)))
    if pattern := rule.arguments.get("pattern"):
        parts.append(_matches(value, str(pattern)))
    return parts


def _matches(value: exp.Column, pattern: str) -> exp.Expr:
    return exp.RegexpLike(this=exp.cast(value.copy(), "text"), expression=exp.convert(pattern))


def _within(each: Stretch, measured: exp.Expr) -> exp.Expr:
    if each.low is not None and each.low == each.high:
        return exp.EQ(this=measured.copy(), expression=_literal(each.low))
    parts: list[exp.Expr] = []
    if each.low is not None:
        above = exp.GTE if each.has_low else exp.GT
        parts.append(above(this=measured.copy(), expression=_literal(each.low)))
    if each.high is not None:
        below = exp.LTE if each.has_high else exp.LT
        parts.append(below(this=measured.copy(), expression=_literal(each.high)))
    return exp.and_(*parts) if parts else exp.true()


def _literal(value: End) -> exp.Expr:
    literal: exp.Expr = exp.convert(value)
    return literal


def _column(name: str) -> exp.Column:
    column: exp.Column = exp.column(name, quoted=True)
    return column


def _table() -> exp.Table:
    return exp.Table(this=exp.to_identifier(OBJECT, quoted=True))


def newest_before(newest: exp.Expr, moment: exp.Expr) -> exp.Select:
    """The newest value, if it is older than a moment; a table without one is as late as can be."""
    value = exp.column(MEASURED, quoted=True)
    inner = exp.select(exp.alias_(newest, MEASURED, quoted=True)).from_(_table()).subquery("newest")
    return exp.select("*").from_(inner).where(exp.or_(value.is_(exp.null()), exp.LT(this=value, expression=moment)))
