"""Puts layers of a query below each other: unions, differences, intersections, and each row once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from dryland.check.reading.aggregates import grouped
from dryland.check.reading.joins import PARTS_MAX, Join, joined
from dryland.check.reading.part import Layer, Name, Part, TooMuch, every, only


def unified(layers: Iterable[Layer]) -> Layer:
    """The rows of several layers one below the other, by position; names are those of the first."""
    parts = [part for layer in layers for part in layer]
    names = list(parts[0].values) if parts else []
    if len(parts) > PARTS_MAX or any(len(part.values) != len(names) for part in parts):
        raise TooMuch
    rows = [list(part.values.values()) for part in parts]
    kinds = [{_kind(row[at]) for row in rows} - {"null"} for at in range(len(names))]
    known = [_known(name, kind) for name, kind in zip(names, kinds, strict=True)]
    return tuple(
        replace(part, values=dict(zip(known, row, strict=True))) for part, row in zip(parts, rows, strict=True)
    )


def _known(name: Name, kinds: set[str]) -> Name:
    """The name of values that keep their type below each other; nobody may speak of others."""
    return name if len(kinds) == 1 and "" not in kinds else (name[0], f"{name[1]}#")


INTEGERS = frozenset(
    "TINYINT SMALLINT INT INTEGER BIGINT UTINYINT USMALLINT UINT UINTEGER UBIGINT INT128 HUGEINT".split()
)


def _kind(value: exp.Expr) -> str:
    """The type of a value as far as it shows, that of whole numbers as `integer`; empty when it does not."""
    tree = value.unnest()
    if isinstance(tree, exp.Neg):
        tree = tree.this.unnest()
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return "integer" if tree.is_int else "decimal"
    if isinstance(tree, exp.Cast | exp.Column):
        kind = str(tree.to if isinstance(tree, exp.Cast) else tree.meta.get("kind") or f"that of {tree.name}")
        return "integer" if kind in INTEGERS else kind
    return tree.key if isinstance(tree, exp.Null | exp.Boolean) else ""


def combined(kind: type[exp.Expr], left: Layer, right: Layer, table: exp.Table) -> Layer:
    """The rows of a set operation that takes each row once."""
    if kind is exp.Union:
        return distinct(unified((left, right)))
    if not left or not right:
        raise TooMuch
    unified((left, right))  # the same number of columns
    ours, theirs = _numbered(distinct(left), "left"), _numbered(right, "right")
    names = list(left[0].values)

    def is_same(values: Mapping[Name, exp.Expr]) -> exp.Expr:
        pairs = ((values["left", str(at)], values["right", str(at)]) for at in range(len(names)))
        return every(exp.NullSafeEQ(this=one.copy(), expression=other.copy()) for one, other in pairs)

    found = joined(ours, theirs, Join("anti" if kind is exp.Except else "semi", is_same, table))
    return tuple(replace(part, values=dict(zip(names, part.values.values(), strict=True))) for part in found)


def _numbered(layer: Layer, side: str) -> Layer:
    named = [{(side, str(at)): value for at, value in enumerate(part.values.values())} for part in layer]
    return tuple(replace(part, values=values) for part, values in zip(layer, named, strict=True))


def distinct(layer: Layer) -> Layer:
    """Each row of a layer once."""
    if all(part.is_constant for part in layer):
        return tuple(_unlike(part, layer[:number]) for number, part in enumerate(layer) if part not in layer[:number])
    part = only(layer)
    if part.per == "row":
        return (grouped(part, part.values.values(), part.values, ()),)
    if part.per == "whole" or {*part.keys} <= {*part.values.values()}:
        return layer
    raise TooMuch


def _unlike(part: Part, before: Layer) -> Part:
    """A constant where none of those before it is equal."""
    alike = [each for each in before if not _is_surely_unlike(part, each)]
    if any(each.where for each in alike):
        raise TooMuch
    return part.within(exp.Not(this=exp.Paren(this=_same(part, each))) for each in alike)


def _same(part: Part, other: Part) -> exp.Expr:
    """Whether two rows are equal, nulls as well."""
    pairs = zip(part.values.values(), other.values.values(), strict=True)
    return every(exp.NullSafeEQ(this=left.copy(), expression=right.copy()) for left, right in pairs)


def _is_surely_unlike(part: Part, other: Part) -> bool:
    pairs = zip(part.values.values(), other.values.values(), strict=True)
    known = [(_written(one), _written(two)) for one, two in pairs]
    return any(one is not None and type(one) is type(two) and one != two for one, two in known)


def listed(layer: Layer) -> Layer:
    """A layer in which what is picked by one of several constants is one part: a list is looked up at once."""
    found: dict[object, list[Part]] = {}
    for number, part in enumerate(layer):
        at = _equality(part)
        key = number if at is None else (part.per, part.of, part.keys, part.where[at].unnest().this, *_but(part, at))
        found.setdefault(key, []).append(part)
    return tuple(part for alike in found.values() for part in _as_list(alike))


def _as_list(alike: list[Part]) -> list[Part]:
    """Parts that differ by a constant only as one, if no row can be in two of them."""
    at = _equality(alike[0])
    constants = [_constant(part) for part in alike] if at is not None and len(alike) > 1 else []
    if at is None or len({_folded(each) for each in constants}) != len(alike):
        return alike
    within = exp.In(this=alike[0].where[at].unnest().this.copy(), expressions=constants)
    return [replace(alike[0], where=(within, *_but(alike[0], at)))]


def _constant(part: Part) -> exp.Expr:
    """What a part asks that a value equals, wherever among its conditions it does."""
    at = _equality(part)
    assert at is not None, "parts are alike by such a condition"
    found: exp.Expr = part.where[at].unnest().expression
    return found


def _but(part: Part, at: int) -> tuple[exp.Expr, ...]:
    return part.where[:at] + part.where[at + 1 :]


def _equality(part: Part) -> int | None:
    """Where a part asks that a value equals a constant of its own type."""
    if part.per == "whole" or part.source is not None:
        return None
    return next((at for at, each in enumerate(part.where) if _is_equality(each.unnest())), None)


def _is_equality(condition: exp.Expr) -> bool:
    if not isinstance(condition, exp.EQ) or (written := _written(condition.expression)) is None:
        return False
    return _kind(condition.this) == ("TEXT" if isinstance(written, str) else "integer")


def _folded(value: exp.Expr) -> object:
    """What tells a constant from others, even where a column does not care for capitals; None for what may not."""
    written = _written(value)
    return written.lower() if isinstance(written, str) and written.isascii() else written if written != "" else None


def _written(value: exp.Expr) -> str | int | None:
    """A text or whole number that is written out, as it is; equal only to itself."""
    kind, tree = _kind(value), value.unnest()
    tree = tree.this.unnest() if isinstance(tree, exp.Cast) else tree
    sign = -1 if isinstance(tree, exp.Neg) else 1
    tree = tree.this.unnest() if isinstance(tree, exp.Neg) else tree
    if not isinstance(tree, exp.Literal):
        return None
    if kind == "TEXT":
        return str(tree.this) if tree.is_string else None
    return sign * int(tree.this) if kind == "integer" and tree.is_int else None
