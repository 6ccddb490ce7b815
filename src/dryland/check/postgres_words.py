"""Says in PostgreSQL's words what checks and profiles ask of single values.

No setting of a session decides what is said here: neither its time zone, nor how it writes dates, floats and bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from dryland.engines.relation import Column

TEXTS = frozenset('text character bpchar varchar name citext "char"'.split())
BUILT_IN = TEXTS | frozenset(
    """
    smallint integer bigint numeric real double money boolean date timestamp time interval uuid bytea bit oid
    inet cidr macaddr macaddr8 json jsonb xml point line lseg box path polygon circle tsvector
    int4range int8range numrange daterange tsrange tstzrange
    int4multirange int8multirange nummultirange datemultirange tsmultirange tstzmultirange
    """.split()
)
"""First words of the types whose values have a form in bytes, which no setting decides."""
NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
FIRST_WORD = re.compile(r"[^\s(\[]+")


def row_hash(values: Sequence[exp.Expr]) -> exp.Expr:
    """A hash of the bytes in which a row is sent: rows that differ in anything have different ones.

    PostgreSQL's own hash of a row is a sum of those of its values, each of half the bits: in a sum over all rows two
    that swap a value would cancel out.

    >>> row_hash([exp.column("a"), exp.column("b")]).sql("postgres")
    'HASH_RECORD_EXTENDED(ROW(RECORD_SEND(ROW(a, b))), 0)'
    """
    sent = _call("RECORD_SEND", _call("ROW", *values))
    return _call("HASH_RECORD_EXTENDED", _call("ROW", sent), exp.Literal.number(0))


def value_hash(value: exp.Expr) -> exp.Expr:
    """A hash of one value, to choose values by."""
    return _call("HASH_RECORD_EXTENDED", _call("ROW", value), exp.Literal.number(0))


def estimates(table: exp.Table) -> exp.Query:
    """A query for what ANALYZE has written down: how many rows a table has, and how many values each column.

    A negative number of values is a share of the rows.
    """
    join = exp.and_(*(exp.column(one, "s").eq(exp.column(two, of)) for one, two, of in
                      (("schemaname", "nspname", "n"), ("tablename", "relname", "c"))))  # fmt: skip
    return (
        exp.select("c.reltuples", "s.attname", "s.n_distinct")
        .from_("pg_catalog.pg_class AS c")
        .join("pg_catalog.pg_namespace AS n", on="n.oid = c.relnamespace")
        .join("pg_catalog.pg_stats AS s", on=join)
        .where(exp.column("nspname", "n").eq(table.db), exp.column("relname", "c").eq(table.name))
    )


def told(column: Column) -> list[exp.Expr]:
    """What is hashed of a column; of a type that somebody else has made, which may have no form in bytes, its text."""
    name = exp.column(column.name, quoted=True)
    return [name if _first(column.type) in BUILT_IN else _text(name)]


def compared(value: exp.Expr, kind: str) -> exp.Expr:
    """A value as it is ordered and counted: texts byte by byte, whatever the language of the database."""
    return _text(value) if _first(kind) in TEXTS else value


def extremes(value: exp.Expr, kind: str) -> tuple[exp.Expr, exp.Expr]:
    """The least and the most of a column; of booleans and UUIDs there is no MIN, but these are in order as texts."""
    if _first(kind) == "boolean":
        return exp.LogicalAnd(this=value), exp.LogicalOr(this=value.copy())
    ordered = _text(value) if _first(kind) == "uuid" else compared(value, kind)
    return exp.Min(this=ordered), exp.Max(this=ordered.copy())


def mean(value: exp.Expr) -> exp.Expr:
    """The mean as a float; AVG would work out squares beside it, and fails where those overflow."""
    total = exp.Sum(this=exp.cast(value, "double"))
    return exp.Div(this=total, expression=exp.Nullif(this=exp.Count(this=value.copy()), expression=_zero()))


def in_bytes(text: exp.Expr) -> exp.Expr:
    """A text, compared byte by byte."""
    return _text(text.copy())


def is_number(value: exp.Expr) -> exp.Expr:
    """That a value is neither NaN nor infinite."""
    return exp.not_(exp.In(this=value, expressions=[exp.convert(each) for each in NO_NUMBERS]))


def _text(value: exp.Expr) -> exp.Expr:
    return exp.Collate(this=exp.cast(value, "TEXT"), expression=exp.to_identifier("C", quoted=True))


def _first(kind: str) -> str:
    found = FIRST_WORD.match(kind)
    return found[0].lower() if found else ""


def _zero() -> exp.Expr:
    return exp.Literal.number(0)


def _call(name: str, *values: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(values))
