"""Lists the words in which warehouses differ for checks and profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from dryland.engines.relation import Column

NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INT",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "DECIMAL",
    "NUMERIC",
    "FLOAT",
    "DOUBLE",
    "REAL",
)
MOMENTS = ("DATE", "TIME")
TEXTS = ("VARCHAR", "TEXT", "CHAR", "UUID", "ENUM")
NESTED = ("STRUCT", "MAP", "UNION", "LIST")
ONE_OF = 64  # values of a sample of them; more for each makes it cheaper, and less exact
FRACTIONS = ("FLOAT", "DOUBLE", "REAL")  # that have two zeros
SPANS = ("INTERVAL",)  # begins like INT, and is no number


@dataclass(frozen=True, slots=True)
class Words:
    """One warehouse's functions."""

    row_hash: str  # of several values, nulls included, as an integer
    wide_integer: str  # holds the sum of as many hashes as a table has rows
    marks: tuple[str, str] = ("", "")  # how many marks there are, in a set of bits with one for each value in a range
    statistics: str = ""  # what is written down of a column
    text_bytes: str = ""  # of a text, without what a collation makes of it
    sign: str = ""  # of a fraction, zero included
    row_place: str = ""  # where a row of a stored table is, as a column


WORDS: Mapping[str, Words] = {
    "duckdb": Words(
        row_hash="hash",
        wide_integer="HUGEINT",
        marks=("bit_count", "bitstring_agg"),
        statistics="stats",
        text_bytes="encode",
        sign="signbit",
        row_place="rowid",
    )
}


def distinct_integers(column: exp.Expr, low: int, high: int, dialect: str) -> exp.Expr | None:
    """How many different values an integer column has, all within bounds; None where no set of bits can be made."""
    count, gather = WORDS[dialect].marks
    if not count:
        return None
    bits = exp.Anonymous(this=gather, expressions=[column, exp.convert(low), exp.convert(high)])
    return exp.Anonymous(this=count, expressions=[bits])


def distinct_sampled(column: exp.Expr, dialect: str) -> exp.Expr:
    """About how many different values a column has, of which there are many.

    Those are counted whose hash ends in so many zeros, and stand for all. Of 100,000 values that is wrong by 2.5 %
    (one standard deviation), of 10 million by 0.25 %.
    """
    hashed = exp.Anonymous(this=WORDS[dialect].row_hash, expressions=[column.copy()])
    chosen = exp.EQ(this=exp.Mod(this=hashed, expression=_number(ONE_OF)), expression=_number(0))
    found = exp.Count(this=exp.Distinct(expressions=[column.copy()]))
    return exp.Mul(this=exp.Filter(this=found, expression=exp.Where(this=chosen)), expression=_number(ONE_OF))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def same_bytes(text: exp.Expr, dialect: str) -> exp.Expr:
    """What only the same texts have in common; for a collation others are equal too."""
    return exp.Anonymous(this=WORDS[dialect].text_bytes, expressions=[text.copy()])


def content_sum(columns: Iterable[Column], dialect: str) -> exp.Expr:
    """A sum over all rows that ignores their order and counts each; 0 for no rows."""
    words = WORDS[dialect]
    row = exp.Anonymous(this=words.row_hash, expressions=[each for column in columns for each in _told(column, words)])
    wide = exp.Cast(this=row, to=exp.DataType.build(words.wide_integer, dialect=dialect))
    return exp.Coalesce(this=exp.Sum(this=wide), expressions=[exp.Literal.number(0)])


def _told(column: Column, words: Words) -> list[exp.Expr]:
    """What is hashed of a column: a hash takes a month for 30 days and 0.0 for -0.0, who reads them may not."""
    name, kind = exp.column(column.name, quoted=True), column.type.upper()
    if "INTERVAL" in kind:
        return [exp.cast(name, "TEXT")]
    if kind in FRACTIONS:
        return [name, exp.Anonymous(this=words.sign, expressions=[name.copy()])]
    return [name]


@lru_cache(maxsize=256)
def family(kind: str) -> str:
    """`number`, `moment`, `text`, `boolean`, or `other` for what has no useful order."""
    name = kind.upper()
    if name.endswith("]") or name.startswith((*NESTED, *SPANS)):
        return "other"
    for found, prefixes in (("number", NUMBERS), ("moment", MOMENTS), ("text", TEXTS), ("boolean", ("BOOL",))):
        if name.startswith(prefixes):
            return found
    return "other"
