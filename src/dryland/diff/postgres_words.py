"""Says in PostgreSQL's words what diffs ask: hashes, the types in which values compare, and quantiles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from dryland.check import postgres_words

POSITIVE = 2**63 - 1
SAME = frozenset("smallint integer bigint real boolean date uuid bytea oid inet cidr macaddr macaddr8".split())
"""Types whose values are equal just when their bytes are, as they are or as `projected` writes them."""
DOUBLE, NUMERIC = "double precision", "numeric"
TEXTS = re.compile(r"(text|character varying|character|bpchar|name|citext)(\(\d+\))?")
TIMES = re.compile(r"(timestamp|time)(\(\d+\))? with(out)? time zone")
EXACT = re.compile(r"numeric\((\d+),(-?\d+)\)")
LISTED = frozenset(f"{each}[]" for each in ("smallint", "integer", "bigint", "boolean", "date", "uuid", "text"))
RANKS = ("smallint", "integer", "bigint", NUMERIC, "real", DOUBLE)  # numbers, each of which the next can hold


def hashed(values: Sequence[exp.Expr]) -> exp.Expr:
    """A hash without its sign."""
    return exp.paren(exp.BitwiseAnd(this=postgres_words.row_hash(values), expression=exp.Literal.number(POSITIVE)))


def common(one: str, other: str) -> str:
    """The type in which values of two types are compared; text for what PostgreSQL has no `=` for, or its own.

    >>> common("integer", "bigint"), common("numeric(10,2)", "numeric(10,3)"), common("date", "json")
    ('bigint', 'numeric', 'text')
    """
    if one == other:
        known = one in SAME | LISTED | {DOUBLE, NUMERIC} or TIMES.fullmatch(one) or EXACT.fullmatch(one)
        return one if known else "text"
    kinds = [NUMERIC if EXACT.fullmatch(each) else each for each in (one, other)]
    if all(each in RANKS for each in kinds):
        return max(kinds, key=RANKS.index)
    moments = [re.sub(r"\(\d+\)", "", each) for each in (one, other)]
    if moments[0] == moments[1] and TIMES.fullmatch(moments[0]):
        return moments[0]
    if {*moments} <= {"date", "timestamp without time zone"}:
        return "timestamp without time zone"
    return "text"


def projected(value: exp.Expr, kind: str) -> exp.Expr:
    """A value in its type of which there is one form: 1.0 is 1.00, and -0.0 is 0.0.

    >>> print(projected(exp.column("x"), "text").sql("postgres"))
    x COLLATE "C"
    """
    if kind == "text":
        return exp.Collate(this=value, expression=exp.to_identifier("C", quoted=True))
    if kind == NUMERIC:
        return exp.Anonymous(this="TRIM_SCALE", expressions=[value])
    if kind not in ("real", DOUBLE):
        return value
    nan = exp.convert("NaN")
    plain = exp.Add(this=value.copy(), expression=exp.Literal.number(0))
    return exp.cast(exp.case().when(exp.EQ(this=value, expression=nan), nan.copy()).else_(plain), kind)


def quantiles(column: exp.Expr, at: Sequence[float]) -> exp.Expr:
    """Values that occur, as a list of text."""
    places = exp.Array(expressions=[exp.Literal.number(each) for each in at])
    order = exp.Order(expressions=[exp.Ordered(this=column)])
    found = exp.WithinGroup(this=exp.PercentileDisc(this=places), expression=order)
    return exp.cast(found, "TEXT[]", dialect="postgres")
