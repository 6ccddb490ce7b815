"""Lists the words in which warehouses differ for diffs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from dryland.check.dialects import WORDS as CHECK_WORDS
from dryland.diff import postgres_words
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One warehouse's functions."""

    quantiles: Callable[[exp.Expr, Sequence[float]], exp.Expr]  # values that occur, as a list of text
    hashed: Callable[[Sequence[exp.Expr]], exp.Expr]  # of several values, nulls included, as an unsigned integer
    is_mixed: bool  # whether no two rows that swap a value have hashes of the same sum
    text: str  # the type in which values of two types compare that have no other in common
    common: Callable[[str, str], str]  # the type in which values of two types are compared; empty where it is asked
    projected: Callable[[exp.Expr, str], exp.Expr]  # a value as it is compared: values that are equal are the same
    widest_decimal: str = ""  # how such types begin: two types may have been clipped to it, and values with them
    looks_up_lists: bool = False  # of numbers, before it works out anything else of a row; a subquery comes after that
    has_any_value: bool = True  # an aggregate that gives any of its values


def _duckdb_quantiles(column: exp.Expr, at: Sequence[float]) -> exp.Expr:
    places = exp.Array(expressions=[exp.Literal.number(each) for each in at])
    return exp.cast(exp.Anonymous(this="quantile_disc", expressions=[column, places]), "TEXT[]", dialect="duckdb")


WORDS: Mapping[str, Words] = {
    "duckdb": Words(
        quantiles=_duckdb_quantiles,
        hashed=CHECK_WORDS["duckdb"].row_hash,
        is_mixed=False,
        text="VARCHAR",
        common=lambda one, other: one if one == other else "",
        projected=lambda value, kind: value,
        widest_decimal="DECIMAL(38,",
    ),
    "postgres": Words(
        quantiles=postgres_words.quantiles,
        hashed=postgres_words.hashed,
        is_mixed=True,
        text="text",
        common=postgres_words.common,
        projected=postgres_words.projected,
        looks_up_lists=True,
        has_any_value=False,
    ),
}


def hashed(values: Sequence[exp.Expr], dialect: str) -> exp.Expr:
    """A hash of several values, nulls included, as an unsigned integer."""
    return WORDS[dialect].hashed(values)


def row_hash(values: Sequence[exp.Expr], dialect: str) -> exp.Expr:
    """A hash of a row whose sum over rows tells sets apart.

    It is hashed twice where engines join the hashes of values by operations that are nearly linear, so that in plain
    sums two rows that swap a value might cancel out.
    """
    once = hashed(values, dialect)
    return once if WORDS[dialect].is_mixed else hashed([once], dialect)


def total(hashes: exp.Expr, dialect: str) -> exp.Expr:
    """The exact sum of hashes; 0 of none."""
    wide = exp.Cast(this=hashes, to=exp.DataType.build(CHECK_WORDS[dialect].wide_integer, dialect=dialect))
    return exp.Coalesce(this=exp.Sum(this=wide), expressions=[exp.Literal.number(0)])
