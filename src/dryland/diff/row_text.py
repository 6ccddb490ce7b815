"""Makes hashes of rows that two warehouses compute alike: md5 of texts, in buckets that both cut the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce

from sqlglot import exp

from dryland.check.scanning.scan import table_of
from dryland.diff.canonical import Form, canonical
from dryland.engines.relation import Relation

DIGITS = 15  # of an md5, as an integer that every warehouse has
TEXT, KEY, ROW, BUCKET = "t", "key_hash", "row_hash", "bucket"


def joined(texts: Iterable[exp.Expr]) -> exp.Expr:
    """Several texts as one, of which no other texts are the same: each after its length, and null apart from all.

    >>> joined([exp.column("a"), exp.column("b")]).sql("duckdb")[:60]
    "CASE WHEN a IS NULL THEN '-' ELSE CAST(LENGTH(a) AS TEXT) ||"
    """
    return reduce(lambda one, other: exp.DPipe(this=one, expression=other), map(_told, texts))


def _told(text: exp.Expr) -> exp.Expr:
    length = exp.cast(exp.Length(this=text.copy()), "TEXT")
    colon = exp.DPipe(this=length, expression=exp.convert(":"))
    written = exp.DPipe(this=colon, expression=text.copy())
    return exp.case().when(text.is_(exp.null()), exp.convert("-")).else_(written)


def rows(
    relation: Relation, columns: Sequence[tuple[str, Form]], key: Sequence[int], dialect: str, *, digits: int,
    values: bool = False,
) -> exp.Select:  # fmt: skip
    """Each row's bucket, and the hashes of its key and of all of it; with its texts `t0`, ... and `values` `c0`, ...

    Without a key the whole row is one. A bucket is the first `digits` of the key's hash.
    """
    named = [exp.column(name, quoted=True) for name, _ in columns]
    texts = [canonical(each.copy(), form, dialect).as_(f"{TEXT}{at}")
             for at, (each, (_, form)) in enumerate(zip(named, columns, strict=True))]  # fmt: skip
    own = [each.as_(f"c{at}") for at, each in enumerate(named)] if values else []
    written = exp.select(*texts, *own).from_(table_of(relation)).subquery("written")
    all_texts = [exp.column(f"{TEXT}{at}") for at in range(len(columns))]
    hashes = {
        KEY: exp.MD5(this=joined([all_texts[at] for at in key] or all_texts)),
        ROW: exp.MD5(this=joined(each.copy() for each in all_texts)),
    }
    hashed = exp.select("*", *(each.as_(name) for name, each in hashes.items())).from_(written).subquery("hashed")
    bucket = exp.Left(this=exp.column(KEY), expression=exp.convert(digits))
    return exp.select("*", bucket.as_(BUCKET)).from_(hashed)


def buckets(hashed: exp.Select, dialect: str) -> exp.Select:
    """How many rows each bucket holds, and the sum of their hashes."""
    number = NUMBERS[dialect](exp.Left(this=exp.column(ROW), expression=exp.convert(DIGITS)))
    content = exp.Sum(this=number).as_("content")
    counted = exp.Count(this=exp.Star()).as_("counted")
    return exp.select(BUCKET, counted, content).from_(hashed.subquery("rows_of_it")).group_by(BUCKET)


def _duckdb_number(digits: exp.Expr) -> exp.Expr:
    return exp.cast(exp.DPipe(this=exp.convert("0x"), expression=digits), "BIGINT")


def _postgres_number(digits: exp.Expr) -> exp.Expr:
    bits = exp.DataType.build(f"BIT({4 * DIGITS})", dialect="postgres", udt=True)
    return exp.cast(exp.Cast(this=exp.DPipe(this=exp.convert("x"), expression=digits), to=bits), "BIGINT")


NUMBERS: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {"duckdb": _duckdb_number, "postgres": _postgres_number}
"""Dialect -> the number that hexadecimal digits stand for."""
