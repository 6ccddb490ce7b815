"""Brings two tables under one shape: which columns both have, as which type they compare, under which short names."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dryland.check.dialects import family
from dryland.check.scanning.scan import table_of
from dryland.check.writing import render_sql
from dryland.diff.dialects import WORDS
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.errors import QueryError
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """A table, and the session that can read it."""

    session: Session
    relation: Relation
    columns: tuple[Column, ...]
    dialect: str = ""  # that the session speaks, where the two sides are of two warehouses


@dataclass(frozen=True, slots=True)
class Pair:
    """A column that both sides have; `type` is the one in which its values are compared."""

    before: Column
    after: Column
    type: str

    @property
    def name(self) -> str:
        """What people know it by: its name afterwards."""
        return self.after.name


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of two sides, and the places of the key among those that both have."""

    pairs: tuple[Pair, ...]
    key: tuple[int, ...]
    removed: tuple[Column, ...] = ()
    added: tuple[Column, ...] = ()

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the key's columns."""
        return tuple(self.pairs[at].name for at in self.key)

    @property
    def values(self) -> tuple[int, ...]:
        """The places of all columns that are not of the key."""
        return tuple(at for at in range(len(self.pairs)) if at not in self.key)

    def without_key(self) -> Shape:
        """The same columns, to be compared as whole rows."""
        return Shape(self.pairs, (), self.removed, self.added)


def shape_of(before: Side, after: Side, key: Sequence[str], dialect: str) -> Shape:
    """Match columns by name, as warehouses compare names: `Id` and `id` are one column.

    A key counts only if both sides have all of it.
    """
    theirs = {column.name.lower(): column for column in after.columns}
    ours = {column.name.lower() for column in before.columns}
    common = [(column, theirs[column.name.lower()]) for column in before.columns if column.name.lower() in theirs]
    pairs = tuple(Pair(one, other, _common_type(before.session, one, other, dialect)) for one, other in common)
    places = {pair.before.name.lower(): at for at, pair in enumerate(pairs)}
    known = all(name.lower() in places for name in key)
    return Shape(
        pairs,
        tuple(places[name.lower()] for name in key) if known else (),
        removed=tuple(column for column in before.columns if column.name.lower() not in theirs),
        added=tuple(column for column in after.columns if column.name.lower() not in ours),
    )


def projected(side: Side, shape: Shape, dialect: str, *, is_after: bool) -> exp.Select:
    """The columns that both sides have, as `c0`, `c1`, ... and in types that compare."""
    columns = [
        _in_type(pair.after if is_after else pair.before, pair.type, dialect).as_(short("c", at))
        for at, pair in enumerate(shape.pairs)
    ]
    return exp.select(*columns).from_(table_of(side.relation))


def short(prefix: str, at: int) -> str:
    """The name of a column inside our queries: whatever a team calls it, ours cannot collide with it."""
    return f"{prefix}{at}"


def _in_type(column: Column, kind: str, dialect: str) -> exp.Expr:
    named: exp.Expr = exp.column(column.name, quoted=True)
    value = named if column.type == kind else exp.Cast(this=named, to=exactly(kind))
    return WORDS[dialect].projected(value, kind)


def exactly(kind: str) -> exp.DataType:
    """A type as the engine itself writes it: it may hold names and labels of the team's own."""
    return exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=kind)


def _common_type(session: Session, before: Column, after: Column, dialect: str) -> str:
    """The type in which the warehouse would put numbers, or moments, under each other; text for all else.

    As text, 1.5 and 1.50 differ: of two decimals too wide for one type, that is better than to take 1.5 for 2.
    """
    words = WORDS[dialect]
    if common := words.common(before.type, after.type):
        return common
    if family(before.type) != family(after.type) or family(before.type) not in ("number", "moment"):
        return words.text
    both = exp.union(_null_of(before.type), _null_of(after.type), distinct=False)
    try:
        common = session.describe(render_sql(both, dialect))[0].type
    except QueryError:
        return words.text
    return words.text if common.startswith(words.widest_decimal) else common


def _null_of(kind: str) -> exp.Select:
    return exp.select(exp.Cast(this=exp.null(), to=exactly(kind)).as_("value"))
