"""Finds where two tables differ at all: one scan of each, counted and hashed by buckets of the key.

Every row falls into a bucket by the hash of its key (of the whole row where there is no key), so equal rows fall into
the same one on both sides. Buckets with as many rows and the same sum of row hashes on both sides hold the same rows
and are never looked at again; those that differ are joined, as many at a time as fit into what may be held at once.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.diff.dialects import WORDS, hashed, row_hash, total
from dryland.diff.scratch import BUCKETS, Scratch
from dryland.diff.side import Shape, Side, projected, short
from dryland.values import dataclass

SKEW = 4  # times the mean: a bucket with more rows (and SPARE) holds a key that repeats
SPARE = 64


@dataclass(frozen=True, slots=True)
class Buckets:
    """What the two scans say. `batches` number the groups of differing buckets that are read together."""

    count: int
    rows_before: int
    rows_after: int
    batches: tuple[int, ...] = ()
    crowded: int | None = None  # a differing bucket that holds suspiciously many rows


def read_buckets(
    scratch: Scratch, before: Side, after: Side, shape: Shape, *, count: int, rows_at_once: int
) -> Buckets:
    """Scan both sides once; remember each bucket, and how the differing ones are grouped."""
    found = _both(scratch, before, after, shape, count).subquery("found")
    scratch.make(BUCKETS, _batched(found, rows_at_once))
    return _told(scratch, count)


def _both(scratch: Scratch, before: Side, after: Side, shape: Shape, count: int) -> exp.Select:
    """One row for each bucket: rows and content of each side, and whether these differ."""
    ours = _counted(before, shape, count, scratch.dialect, is_after=False).subquery("ours")
    theirs = _counted(after, shape, count, scratch.dialect, is_after=True).subquery("theirs")
    zero = exp.Literal.number(0)
    columns = [exp.func("COALESCE", _of("ours", "bucket"), _of("theirs", "bucket")).as_("bucket")]
    for name in ("rows", "content"):
        for side, said in (("ours", "before"), ("theirs", "after")):
            columns.append(exp.func("COALESCE", _of(side, name), zero).as_(f"{name}_{said}"))
    differs = exp.or_(*(_differs(_of("ours", name), _of("theirs", name)) for name in ("rows", "content")))
    same = exp.EQ(this=_of("ours", "bucket"), expression=_of("theirs", "bucket"))
    return exp.select(*columns, differs.as_("differs")).from_(ours).join(theirs, on=same, join_type="full outer")


def _counted(side: Side, shape: Shape, count: int, dialect: str, *, is_after: bool) -> exp.Select:
    hashes = hashed_rows(side, shape, count, dialect, is_after=is_after, values=False).subquery("hashed")
    content = total(exp.column("row_hash"), dialect).as_("content")
    return exp.select("bucket", exp.Count(this=exp.Star()).as_("rows"), content).from_(hashes).group_by("bucket")


def hashed_rows(
    side: Side, shape: Shape, count: int, dialect: str, *, is_after: bool, values: bool = True
) -> exp.Select:
    """Each row's bucket and hash, and (unless told) its values as `c0`, `c1`, ..."""
    names: list[exp.Expr] = [exp.column(short("c", at)) for at in range(len(shape.pairs))]
    keyed = exp.column("key_hash")
    bucket = exp.BitwiseAnd(this=keyed, expression=exp.Literal.number(count - 1))
    row = _row(keyed.copy(), names, shape, dialect)
    key = hashed([each.copy() for each in [names[at] for at in shape.key] or names], dialect)
    given = projected(side, shape, dialect, is_after=is_after).subquery("given")
    table = exp.select("*", key.as_("key_hash")).from_(given).subquery("keyed")
    return exp.select(bucket.as_("bucket"), row.as_("row_hash"), *(names if values else ())).from_(table)


def _row(keyed: exp.Expr, names: list[exp.Expr], shape: Shape, dialect: str) -> exp.Expr:
    """The hash of a row, which is that of its key where the key is all there is; else nothing is hashed twice."""
    if WORDS[dialect].is_mixed:
        return row_hash([each.copy() for each in names], dialect) if shape.key else keyed
    return row_hash([keyed, *(names[at].copy() for at in shape.values if shape.key)], dialect)


def in_batch(scratch: Scratch, batch: int) -> exp.Expr:
    """The condition that a row is in a differing bucket of this batch."""
    asked = buckets_of(batch, "bucket")
    if not WORDS[scratch.dialect].looks_up_lists:
        return exp.In(this=exp.column("bucket"), query=asked.subquery())
    listed = [exp.Literal.number(int(bucket)) for (bucket,) in scratch.fetch(asked).rows]
    return exp.In(this=exp.column("bucket"), expressions=listed)


def buckets_of(batch: int, *columns: str | exp.Expr) -> exp.Select:
    """What is remembered of the differing buckets of a batch."""
    number = exp.EQ(this=exp.column("batch"), expression=exp.Literal.number(batch))
    return exp.select(*columns).from_(BUCKETS).where(exp.column("differs"), number)


def _batched(found: exp.Subquery, rows_at_once: int) -> exp.Select:
    """Number the differing buckets' batches: as many rows of both sides in one as may be held at once."""
    rows = exp.Add(this=exp.column("rows_before"), expression=exp.column("rows_after"))
    counted = exp.Case().when(exp.column("differs"), rows).else_(exp.Literal.number(0))
    order = exp.Order(expressions=[exp.Ordered(this=exp.column("bucket"))])
    before_it = exp.Sub(this=exp.Window(this=exp.Sum(this=counted), order=order), expression=counted.copy())
    number = exp.Floor(
        this=exp.Div(this=exp.paren(before_it), expression=exp.Literal.number(rows_at_once), typed=False)
    )
    return exp.select("*", exp.cast(number, "BIGINT").as_("batch")).from_(found)


def _told(scratch: Scratch, count: int) -> Buckets:
    sums = [exp.Sum(this=exp.column(name)).as_(name) for name in ("rows_before", "rows_after")]
    rows_before, rows_after = scratch.fetch(exp.select(*sums).from_(BUCKETS)).rows[0]
    batches = scratch.fetch(
        exp.select("batch").distinct().from_(BUCKETS).where(exp.column("differs")).order_by("batch")
    ).rows
    crowded = _crowded(scratch, max(int(rows_before or 0), int(rows_after or 0)) / count) if batches else None
    return Buckets(count, int(rows_before or 0), int(rows_after or 0), tuple(int(each) for (each,) in batches), crowded)


def _crowded(scratch: Scratch, mean: float) -> int | None:
    most = exp.func("GREATEST", exp.column("rows_before"), exp.column("rows_after"))
    fullest = exp.select("bucket", most.as_("most")).from_(BUCKETS).where(exp.column("differs")).order_by("most DESC")
    bucket, rows = scratch.fetch(fullest.limit(1)).rows[0]
    return int(bucket) if rows > SKEW * mean + SPARE else None


def _differs(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.NullSafeNEQ(this=one, expression=other)


def _of(table: str, column: str) -> exp.Column:
    return exp.column(column, table=table)
