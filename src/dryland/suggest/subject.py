"""Holds what is known of a table before anything is proposed: its profile, builds before, and a sample of rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp

from dryland.check.dialects import family
from dryland.engines.relation import Column, Relation
from dryland.state.records import Profile
from dryland.values import dataclass

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
KEY_WORDS = frozenset(
    "id key code uuid guid sk pk hash number no nr slug sku isbn iban handle email username reference".split()
)
ID_WORDS = frozenset("id key uuid guid sk pk fk hash".split())
INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "U")


@dataclass(frozen=True, slots=True)
class Past:
    """A build before this one."""

    at: datetime | None
    profile: Profile


@dataclass(frozen=True, slots=True)
class KeyElsewhere:
    """A column by which the rows of another model are told apart."""

    call: str  # ref('customers')
    name: str
    column: Column
    relation: Relation
    rank: int = 0  # how near it is: what a model reads comes first


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of one column."""

    column: Column
    measured: Mapping[str, object]
    before: tuple[Mapping[str, object], ...]  # the same of builds before, oldest first
    sample: tuple[Any, ...]
    is_person: bool = False  # no value of it may be shown

    @property
    def name(self) -> str:
        """As the warehouse has it."""
        return self.column.name

    @property
    def family(self) -> str:
        """number, moment, text, boolean or other."""
        return family(self.column.type)

    @property
    def is_integer(self) -> bool:
        """Whether it holds whole numbers."""
        kind = self.column.type.upper()
        return self.family == "number" and (
            kind.startswith(INTEGERS) or bool(re.fullmatch(r"(DECIMAL|NUMERIC)\(\d+,0\)", kind))
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name.

        >>> ColumnFacts(Column("orderLineID", "INT"), {}, (), ()).words
        ('order', 'line', 'id')
        """
        return tuple(word.lower() for word in WORD.findall(self.name))

    @property
    def is_id(self) -> bool:
        """Whether its name says that it names something."""
        return bool(self.words) and self.words[-1] in ID_WORDS

    @property
    def is_key_like(self) -> bool:
        """Whether its name says that it may tell rows apart."""
        return bool(self.words) and self.words[-1] in KEY_WORDS

    @property
    def nulls(self) -> int:
        """Rows without a value."""
        return int(str(self.measured.get("nulls") or 0))

    @property
    def distinct(self) -> int:
        """About how many values there are."""
        return int(str(self.measured.get("distinct") or 0))

    @property
    def low(self) -> Decimal | None:
        """The least number."""
        return number(self.measured.get("min"))

    @property
    def high(self) -> Decimal | None:
        """The greatest number."""
        return number(self.measured.get("max"))

    @property
    def tree(self) -> exp.Column:
        """The column in SQL."""
        return exp.column(self.name, quoted=True)

    @property
    def values(self) -> list[Any]:
        """Values of the sampled rows."""
        return [value for value in self.sample if value is not None]


@dataclass(frozen=True, slots=True)
class Subject:
    """A table to propose checks for."""

    name: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    relation: Relation
    dialect: str
    keys: tuple[tuple[str, ...], ...] = ()  # those that somebody promised already
    past: tuple[Past, ...] = ()  # builds before, oldest first
    built_at: datetime | None = None
    now: datetime | None = None
    others: tuple[KeyElsewhere, ...] = field(default=(), repr=False)

    @property
    def builds(self) -> int:
        """How many builds there are numbers of, this one included."""
        return len(self.past) + 1

    @property
    def seen(self) -> str:
        """What everything rests on: `1,204,551 rows`, and of how many builds."""
        return many(self.rows, "row") + (f", {self.builds} builds" if self.past else "")


def many(count: int, noun: str) -> str:
    """A count with its noun.

    >>> many(1, "row"), many(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def number(value: object) -> Decimal | None:
    """A number as it was kept; None for what is none, infinities included."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def singular(name: str) -> str:
    """What one row of a model is called.

    >>> singular("stg_shop__customers"), singular("dim_cities"), singular("address")
    ('customer', 'city', 'address')
    """
    words = re.sub(r"^(stg|staging|int|dim|fct|fact|raw|base|src|snap|mart)_", "", name.lower()).rpartition("__")[2]
    if words.endswith("ies"):
        return words[:-3] + "y"
    return words[:-1] if words.endswith("s") and not words.endswith(("ss", "us")) else words


def by_column(profiles: Sequence[Profile], name: str) -> tuple[Mapping[str, object], ...]:
    """What profiles say of a column, those that know it."""
    return tuple(profile.columns[name] for profile in profiles if name in profile.columns)
