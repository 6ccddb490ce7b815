"""Lists the words in which warehouses differ for checks and profiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlglot import exp

from dryland.check import duckdb_words, postgres_forms, postgres_words
from dryland.engines.relation import Column
from dryland.values import dataclass

NUMBERS = frozenset(
    """
    TINYINT SMALLINT INT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT
    INT1 INT2 INT4 INT8 INT16 INT32 INT64 INT128 UINT8 UINT16 UINT32 UINT64 UINT128
    DECIMAL NUMERIC FLOAT FLOAT4 FLOAT8 DOUBLE REAL
    """.split()
)
MOMENTS = frozenset(
    "DATE DATETIME TIME TIME_NS TIMETZ TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_US TIMESTAMPTZ".split()
)
TEXTS = frozenset('VARCHAR TEXT CHAR CHARACTER BPCHAR STRING NAME CITEXT "CHAR" UUID ENUM'.split())
BOOLEANS = frozenset(["BOOL", "BOOLEAN"])
FAMILIES = {"number": NUMBERS, "moment": MOMENTS, "text": TEXTS, "boolean": BOOLEANS}
NESTED = ("STRUCT", "MAP", "UNION", "LIST")
ONE_OF = 64  # values of a sample of them; more for each makes it cheaper, and less exact
FIRST_WORD = re.compile(r"[^\s(]+")

Value = Callable[[exp.Expr], exp.Expr]


@dataclass(frozen=True, slots=True)
class Words:
    """One warehouse's functions."""

    row_hash: Callable[[Sequence[exp.Expr]], exp.Expr]
    """Of several values, nulls included, as an integer: values that are equal have the same."""
    value_hash: Value  # of one value, by which a sample of values is chosen
    told: Callable[[Column], Sequence[exp.Expr]]  # what is hashed of a column: what readers tell apart
    wide_integer: str  # of which a sum of as many hashes as a table has rows is exact
    inexact: tuple[str, ...]  # how types begin whose values may be NaN or infinite
    is_number: Value  # that a value of such a type is neither
    is_unreadable: Callable[[exp.Expr, str], exp.Expr]  # that a text is no date, timestamp, number or JSON
    is_no_moment: Callable[[exp.Expr, str], exp.Expr]  # that a text is none in a form of strftime
    text_bytes: Value  # of a text, without what a collation makes of it
    compared: Callable[[exp.Expr, str], exp.Expr]  # a value of a type, as the profile orders and counts it
    extremes: Callable[[exp.Expr, str], tuple[exp.Expr, exp.Expr]]  # the least and the most of those
    mean: Value
    marks: tuple[str, str] = ("", "")  # how many marks there are, in a set of bits with one for each value in a range
    statistics: str = ""  # what is written down of a column
    estimates: Callable[[exp.Table], exp.Query] | None = None  # of a table: rows, column, how many different values
    row_place: str = ""  # where a row of a stored table is, as a column
    short: str = ""  # takes the zeros off the end of a number that keeps as many as it was written with
    terms_max: int = 0  # in one query; 0 where there may be as many as anybody asks
    has_try_cast: bool = True  # without it, what can be read as a type is found out before it is asked
    has_rows_of_functions: bool = False  # a function that stands among the columns may give several rows, or one of all
    folds_names: bool = True  # takes "Id" and "id" for one column


WORDS: Mapping[str, Words] = {
    "duckdb": Words(
        row_hash=lambda values: exp.Anonymous(this="hash", expressions=list(values)),
        value_hash=lambda value: exp.Anonymous(this="hash", expressions=[value]),
        told=duckdb_words.told,
        wide_integer="HUGEINT",
        inexact=("FLOAT", "DOUBLE", "REAL"),
        is_number=duckdb_words.is_number,
        is_unreadable=duckdb_words.is_unreadable,
        is_no_moment=duckdb_words.is_no_moment,
        text_bytes=lambda text: exp.Anonymous(this="encode", expressions=[text.copy()]),
        compared=lambda value, kind: value,
        extremes=lambda value, kind: (exp.Min(this=value), exp.Max(this=value.copy())),
        mean=lambda value: exp.Avg(this=exp.cast(value, "double")),
        marks=("bit_count", "bitstring_agg"),
        statistics="stats",
        row_place="rowid",
    ),
    "postgres": Words(
        row_hash=postgres_words.row_hash,
        value_hash=postgres_words.value_hash,
        told=postgres_words.told,
        wide_integer="BIGINT",  # sums of which PostgreSQL keeps in twice as many bits
        inexact=("REAL", "DOUBLE", "NUMERIC", "DECIMAL"),
        is_number=postgres_words.is_number,
        is_unreadable=postgres_forms.is_unreadable,
        is_no_moment=postgres_forms.is_no_moment,
        text_bytes=postgres_words.in_bytes,
        compared=postgres_words.compared,
        extremes=postgres_words.extremes,
        mean=postgres_words.mean,
        estimates=postgres_words.estimates,
        terms_max=1_600,
        short="TRIM_SCALE",
        has_try_cast=False,
        has_rows_of_functions=True,
        folds_names=False,
    ),
}


def distinct_integers(column: exp.Expr, low: int, high: int, dialect: str) -> exp.Expr | None:
    """How many different values an integer column has, all within bounds; None where no set of bits can be made."""
    count, gather = WORDS[dialect].marks
    if not count:
        return None
    bits = exp.Anonymous(this=gather, expressions=[column, exp.convert(low), exp.convert(high)])
    return exp.Anonymous(this=count, expressions=[bits])


def distinct_sampled(column: exp.Expr, dialect: str, one_of: int = ONE_OF) -> exp.Expr:
    """About how many different values a column has, of which there are many.

    Those are counted whose hash ends in so many zeros, and stand for all. Of 100,000 values that is wrong by 2.5 %
    (one standard deviation), of 10 million by 0.25 %.
    """
    hashed = WORDS[dialect].value_hash(column.copy())
    chosen = exp.EQ(this=exp.Mod(this=hashed, expression=_number(one_of)), expression=_number(0))
    found = exp.Count(this=exp.Distinct(expressions=[column.copy()]))
    return exp.Mul(this=exp.Filter(this=found, expression=exp.Where(this=chosen)), expression=_number(one_of))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def same_bytes(text: exp.Expr, dialect: str) -> exp.Expr:
    """What only the same texts have in common; for a collation others are equal too."""
    return WORDS[dialect].text_bytes(text)


def content_sum(columns: Iterable[Column], dialect: str) -> exp.Expr:
    """A sum over all rows that ignores their order and counts each; 0 for no rows."""
    words = WORDS[dialect]
    row = words.row_hash([each for column in columns for each in words.told(column)])
    wide = exp.Cast(this=row, to=exp.DataType.build(words.wide_integer, dialect=dialect))
    return exp.Coalesce(this=exp.Sum(this=wide), expressions=[exp.Literal.number(0)])


def has_no_number(kind: str, dialect: str) -> bool:
    """Whether values of a type may be NaN or infinite."""
    return kind.upper().startswith(WORDS[dialect].inexact)


@lru_cache(maxsize=256)
def family(kind: str) -> str:
    """`number`, `moment`, `text`, `boolean`, or `other` for what has no useful order."""
    name = kind.upper()
    first = FIRST_WORD.match(name)
    if name.endswith("]") or first is None:
        return "other"
    return next((found for found, names in FAMILIES.items() if first[0] in names), "other")
