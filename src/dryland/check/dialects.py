"""Lists the words in which warehouses differ for checks and profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

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
SPANS = ("INTERVAL",)  # begins like INT, and is no number


@dataclass(frozen=True, slots=True)
class Words:
    """One warehouse's functions."""

    row_hash: str  # of several values, nulls included, as an integer
    wide_integer: str  # holds the sum of as many hashes as a table has rows
    marks: tuple[str, str] = ("", "")  # how many marks there are, in a set of bits with one for each value in a range


WORDS: Mapping[str, Words] = {
    "duckdb": Words(row_hash="hash", wide_integer="HUGEINT", marks=("bit_count", "bitstring_agg"))
}


def distinct_integers(column: exp.Expr, low: int, high: int, dialect: str) -> exp.Expr | None:
    """How many different values an integer column has, all within bounds; None where no set of bits can be made.

    A bit for each value that there may be: on 10 million keys in a row 0.1 s, where grouping takes 1 s.
    """
    count, gather = WORDS[dialect].marks
    if not count:
        return None
    bits = exp.Anonymous(this=gather, expressions=[column, exp.convert(low), exp.convert(high)])
    return exp.Anonymous(this=count, expressions=[bits])


def content_sum(columns: Sequence[exp.Expr], dialect: str) -> exp.Expr:
    """A sum over all rows that ignores their order and counts each; 0 for no rows."""
    words = WORDS[dialect]
    row = exp.Anonymous(this=words.row_hash, expressions=list(columns))
    wide = exp.Cast(this=row, to=exp.DataType.build(words.wide_integer, dialect=dialect))
    return exp.Coalesce(this=exp.Sum(this=wide), expressions=[exp.Literal.number(0)])


def family(kind: str) -> str:
    """`number`, `moment`, `text`, `boolean`, or `other` for what has no useful order."""
    name = kind.upper()
    if name.endswith("]") or name.startswith((*NESTED, *SPANS)):
        return "other"
    for found, prefixes in (("number", NUMBERS), ("moment", MOMENTS), ("text", TEXTS), ("boolean", ("BOOL",))):
        if name.startswith(prefixes):
            return found
    return "other"
