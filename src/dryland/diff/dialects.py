"""Lists the words in which warehouses differ for diffs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from dryland.check.dialects import WORDS as CHECK_WORDS


@dataclass(frozen=True, slots=True)
class Words:
    """One warehouse's functions."""

    quantiles: Callable[[exp.Expr, Sequence[float]], exp.Expr]  # values that occur, as a list of text
    widest_decimal: str  # how such types begin: two types may have been clipped to it, and values with them


def _duckdb_quantiles(column: exp.Expr, at: Sequence[float]) -> exp.Expr:
    places = exp.Array(expressions=[exp.Literal.number(each) for each in at])
    return exp.cast(exp.Anonymous(this="quantile_disc", expressions=[column, places]), "TEXT[]", dialect="duckdb")


WORDS: Mapping[str, Words] = {"duckdb": Words(quantiles=_duckdb_quantiles, widest_decimal="DECIMAL(38,")}


def hashed(values: Sequence[exp.Expr], dialect: str) -> exp.Expr:
    """A hash of several values, nulls included, as an unsigned integer."""
    return exp.Anonymous(this=CHECK_WORDS[dialect].row_hash, expressions=list(values))


def row_hash(values: Sequence[exp.Expr], dialect: str) -> exp.Expr:
    """A hash of a row whose sum over rows tells sets apart.

    It is hashed twice: engines join the hashes of values by operations that are nearly linear, so that in plain sums
    two rows that swap a value might cancel out.
    """
    return hashed([hashed(values, dialect)], dialect)


def total(hashes: exp.Expr, dialect: str) -> exp.Expr:
    """The exact sum of hashes; 0 of none."""
    wide = exp.Cast(this=hashes, to=exp.DataType.build(CHECK_WORDS[dialect].wide_integer, dialect=dialect))
    return exp.Coalesce(this=exp.Sum(this=wide), expressions=[exp.Literal.number(0)])
