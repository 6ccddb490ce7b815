"""Says what a change of a column's type does to readers: the same, wider, narrower, or another type altogether."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import sqlglot
from sqlglot import exp

TypeChange = Literal["same", "wider", "narrower", "other"]
Kind = exp.DType

INTEGERS: Mapping[exp.DType, tuple[int, int]] = {  # the least and the greatest
    kind: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    for kind, bits in ((Kind.TINYINT, 8), (Kind.SMALLINT, 16), (Kind.INT, 32), (Kind.BIGINT, 64), (Kind.INT128, 128))
} | {
    kind: (0, 2**bits - 1)
    for kind, bits in ((Kind.UTINYINT, 8), (Kind.USMALLINT, 16), (Kind.UINT, 32), (Kind.UBIGINT, 64))
}
FLOATS = (Kind.FLOAT, Kind.DOUBLE)  # each holds all of the one before
TEXTS = frozenset({Kind.TEXT, Kind.VARCHAR, Kind.CHAR, Kind.NCHAR, Kind.NVARCHAR})
ENDLESS = 2**62
DECIMAL_DEFAULT = (18, 3)  # DuckDB's; what is written without numbers is compared with itself almost always
DECIMAL_DEFAULTS = {"postgres": (2 * ENDLESS, ENDLESS)}  # as many digits as there are


def type_change(old: str, new: str, dialect: str = "") -> TypeChange:
    """Compare two types as readers see them: wider holds every value of the old one, in the same family.

    >>> type_change("int", "bigint"), type_change("decimal(10, 2)", "decimal(8, 2)"), type_change("date", "varchar")
    ('wider', 'narrower', 'other')
    """
    if old.strip().lower() == new.strip().lower():
        return "same"
    before, after = _parsed(old, dialect), _parsed(new, dialect)
    return "other" if before is None or after is None else _compared(before, after)


def _parsed(text: str, dialect: str) -> exp.DataType | None:
    try:
        kind = exp.DataType.build(text, dialect=dialect or None, udt=True)
    except sqlglot.errors.SqlglotError:
        return None
    for each in kind.find_all(exp.DataType):
        if each.this == Kind.DECIMAL and not each.expressions and dialect in DECIMAL_DEFAULTS:
            each.set("expressions", [_parameter(number) for number in DECIMAL_DEFAULTS[dialect]])
    return kind


def _parameter(number: int) -> exp.DataTypeParam:
    return exp.DataTypeParam(this=exp.Literal.number(number))


def _compared(old: exp.DataType, new: exp.DataType) -> TypeChange:
    if old == new:
        return "same"
    if _is_within(old, new):
        return "same" if _is_within(new, old) else "wider"
    return "narrower" if _is_within(new, old) else "other"


def _is_within(inner: exp.DataType, outer: exp.DataType) -> bool:
    """Whether every value of the one is a value of the other, and looks the same to readers."""
    kinds = (inner.this, outer.this)
    if inner == outer:
        return True
    if all(kind in INTEGERS for kind in kinds):
        (low, high), (lowest, highest) = (INTEGERS[kind] for kind in kinds)
        return lowest <= low and high <= highest
    if all(kind in FLOATS for kind in kinds):
        return FLOATS.index(inner.this) <= FLOATS.index(outer.this)
    if all(kind in TEXTS for kind in kinds):
        return _length(inner) <= _length(outer)
    if kinds == (Kind.DECIMAL, Kind.DECIMAL):
        (digits, scale), (most, finest) = _digits(inner), _digits(outer)
        return scale <= finest and digits - scale <= most - finest
    if inner.this == outer.this and inner.this in (Kind.ARRAY, Kind.LIST):
        return _all_within(inner.expressions, outer.expressions)
    if kinds == (Kind.STRUCT, Kind.STRUCT):
        return _is_part(inner, outer)
    return False


def _all_within(inner: Sequence[exp.Expr], outer: Sequence[exp.Expr]) -> bool:
    pairs = list(zip(inner, outer, strict=False))
    types = [isinstance(each, exp.DataType) for pair in pairs for each in pair]
    is_alike = len(inner) == len(outer) and all(types)
    return is_alike and all(_is_within(mine, theirs) for mine, theirs in pairs)  # type: ignore[arg-type]


def _is_part(inner: exp.DataType, outer: exp.DataType) -> bool:
    """Whether the other has every field of it, perhaps wider, and perhaps more."""
    mine, theirs = _fields(inner), _fields(outer)
    return bool(mine) and all(name in theirs and _is_within(kind, theirs[name]) for name, kind in mine.items())


def _fields(struct: exp.DataType) -> dict[str, exp.DataType]:
    named = {each.name.lower(): each.args.get("kind") for each in struct.expressions if isinstance(each, exp.ColumnDef)}
    return {name: kind for name, kind in named.items() if isinstance(kind, exp.DataType)}


def _numbers(kind: exp.DataType) -> list[int]:
    texts = [each.name for each in kind.expressions if isinstance(each, exp.DataTypeParam)]
    return [int(text) for text in texts if text.isdigit()]


def _length(kind: exp.DataType) -> int:
    return next(iter(_numbers(kind)), 1 if kind.this in (Kind.CHAR, Kind.NCHAR) else ENDLESS)


def _digits(kind: exp.DataType) -> tuple[int, int]:
    numbers = _numbers(kind)
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else DECIMAL_DEFAULT
