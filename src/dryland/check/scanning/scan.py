"""Looks at a table once: answers every check that can share a scan, and takes the profile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from dryland.check.dialects import content_sum, distinct_sampled, family
from dryland.check.scanning.few_values import VALUES_FEW, few_valued, over_values, sole_column, values_of
from dryland.check.scanning.keys import unique_columns
from dryland.check.scanning.known import Known, read_known
from dryland.check.scanning.long_lists import looked_up
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.state.records import Profile, digest

TEXT_MAX = 80  # characters of a minimum or maximum that are kept
VALUES = frozenset({"min", "max"})  # measures that show a value of the table


@dataclass(frozen=True, slots=True)
class Measure:
    """What answers one check: how many failures there are, and what shows without counting that there are none."""

    check: str  # unique id
    failures: exp.Expr
    none_fails: exp.Expr | None = None
    key: exp.Column | None = None  # of whose values none may be there twice, in all rows


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is asked of one table."""

    relation: Relation
    columns: tuple[Column, ...]
    asked: tuple[Measure, ...] = ()
    profile: bool = True
    alias: str = ""  # what conditions may call the table
    is_stored: bool = False  # a table, of which the warehouse has statistics; a view would be worked out twice
    persons: frozenset[str] = frozenset()  # columns, in lower case, of which no value is kept


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What was found: failures by check, and the profile when asked for."""

    failures: Mapping[str, int]
    profile: Profile | None


def scan(session: Session, request: ScanRequest, dialect: str) -> ScanResult:
    """Ask what the warehouse has written down, then the rest in one scan; what that leaves open, in one more."""
    table = table_of(request.relation, request.alias)
    known = read_known(session, table, request.columns, dialect) if request.is_stored else Known()
    keys = {each.check: each.key.name for each in request.asked if each.key is not None} if known.rows else {}
    unique = unique_columns(session, keys.values(), table, request.columns, known, dialect)
    asked = [
        each if request.profile or _asks_first(each, known) else replace(each, none_fails=None)
        for each in request.asked if keys.get(each.check, "").lower() not in unique
    ]  # fmt: skip
    terms = [each.none_fails if each.none_fails is not None else each.failures for each in asked]
    numbers = _profile_terms(request.columns, known, unique, dialect) if request.profile else []
    looking = _Looking(session, request, known, table, dialect)
    answers = looking.answers([*terms, *numbers])
    failures = {each.check: _settled(each, answer) for each, answer in zip(asked, answers, strict=False)}
    open_yet = [each for each in asked if failures[each.check] is None]
    if open_yet:
        counts = looking.answers([each.failures for each in open_yet])
        failures |= {each.check: int(found or 0) for each, found in zip(open_yet, counts, strict=True)}
    profile = _profile(request, answers[len(asked) :]) if request.profile else None
    return ScanResult({each.check: failures.get(each.check) or 0 for each in request.asked}, profile)


def _asks_first(measure: Measure, known: Known) -> bool:
    """Whether it takes less to ask if any row fails than to count those that do; the profile would ask it anyway."""
    if measure.none_fails is None:
        return False
    return known.answers(measure.none_fails) or not isinstance(measure.failures, exp.CountIf)


@dataclass(frozen=True, slots=True)
class _Looking:
    """Asks for terms wherever they are answered with the least work."""

    session: Session
    request: ScanRequest
    known: Known
    table: exp.Table
    dialect: str

    def answers(self, terms: list[exp.Expr]) -> tuple[Any, ...]:
        """Values of the terms: of what is written down, of the values of columns that have few, and of the rows."""
        found: dict[int, Any] = {}
        written = [at for at, term in enumerate(terms) if self.known.answers(term)]
        few = self._of_few([(at, term) for at, term in enumerate(terms) if at not in set(written)])
        rest = [
            at for at in range(len(terms)) if at not in {*written, *(each for group in few.values() for each in group)}
        ]
        columns = {column.name.lower(): column for column in self.request.columns}
        for name, group in few.items():
            found |= self._asked(group, values_of(columns[name], self.table, self.dialect))
        for places in (written, rest):
            found |= self._asked({at: terms[at] for at in places}, self.table)
        return tuple(found[at] for at in range(len(terms)))

    def _of_few(self, terms: list[tuple[int, exp.Expr]]) -> dict[str, dict[int, exp.Expr]]:
        """By column the terms that are better asked of its values, as they are asked then."""
        trees = [term for _, term in terms]
        few = few_valued(self.request.columns, trees, self.known, profile=self.request.profile)
        found: dict[str, dict[int, exp.Expr]] = {}
        for at, term in terms:
            name = sole_column(term)
            if name in few and (weighed := over_values(term, name, self.table)) is not None:
                found.setdefault(name, {})[at] = weighed
        return found

    def _asked(self, terms: Mapping[int, exp.Expr], source: exp.Expr) -> dict[int, Any]:
        """One row is given, whatever the terms are and whatever is there: rows are counted beside them."""
        if not terms:
            return {}
        counted = [*(looked_up(term, self.request.columns) for term in terms.values()), exp.Count(this=exp.Star())]
        query = exp.select(*(term.as_(f"c{number}") for number, term in enumerate(counted))).from_(source)
        return dict(zip(terms, self.session.fetch(query.sql(dialect=self.dialect)).rows[0], strict=False))


def _settled(measure: Measure, answer: Any) -> int | None:
    """The number of failures; None when only a count can tell."""
    if measure.none_fails is None:
        return int(answer or 0)
    return 0 if answer else None


def table_of(relation: Relation, alias: str = "") -> exp.Table:
    """The relation as a tree."""
    called = exp.to_identifier(alias, quoted=True) if alias else None
    if relation.expression:
        named = exp.TableAlias(this=called) if called else None
        return exp.Table(this=exp.Var(this=relation.expression), alias=named)
    return exp.table_(relation.name, db=relation.schema, catalog=relation.database, quoted=True, alias=called)


def _profile_terms(
    columns: tuple[Column, ...], known: Known, unique: frozenset[str], dialect: str
) -> list[exp.Expr]:  # fmt: skip
    """rows, content, then for each column: nulls, distinct, min, max, mean (those its family has)."""
    names = [exp.column(column.name, quoted=True) for column in columns]
    terms: list[exp.Expr] = [exp.Count(this=exp.Star()), content_sum(names, dialect)]
    for column, name in zip(columns, names, strict=True):
        of_column = {measure: make(name.copy()) for measure, make in MEASURES[family(column.type)].items()}
        if "distinct" in of_column:
            of_column["distinct"] = _distinct(name, known, unique, dialect)
        terms += of_column.values()
    return terms


def _distinct(name: exp.Column, known: Known, unique: frozenset[str], dialect: str) -> exp.Expr:
    """How many different values: the warehouse's estimate is the dearest of all measures, and often far off."""
    if name.name.lower() in unique:
        return exp.Count(this=name.copy())
    if known.distinct.get(name.name.lower(), 0) > VALUES_FEW:
        return distinct_sampled(name, dialect)
    return exp.ApproxDistinct(this=name.copy())


def _nulls(name: exp.Expr) -> exp.Expr:
    return exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=name))


def _mean(name: exp.Expr) -> exp.Expr:
    return exp.Avg(this=exp.Cast(this=name, to=exp.DataType.build("DOUBLE")))


_ANY = {"nulls": _nulls}
_DISTINCT = {**_ANY, "distinct": lambda name: exp.ApproxDistinct(this=name)}
_ORDERED = {**_DISTINCT, "min": lambda name: exp.Min(this=name), "max": lambda name: exp.Max(this=name)}
_MOMENTS = {
    **_DISTINCT,  # the warehouse writes them down: Python has no infinity, and no year 20000
    "min": lambda name: exp.cast(exp.Min(this=name), "TEXT"),
    "max": lambda name: exp.cast(exp.Max(this=name), "TEXT"),
}
MEASURES: Mapping[str, Mapping[str, Any]] = {
    "number": {**_ORDERED, "mean": _mean},
    "moment": _MOMENTS,
    "text": _ORDERED,
    "boolean": _ORDERED,
    "other": _ANY,
}


def _profile(request: ScanRequest, values: tuple[Any, ...]) -> Profile:
    rows, content = int(values[0]), values[1]
    rest = iter(values[2:])
    measured = {
        column.name: {measure: plain(next(rest)) for measure in MEASURES[family(column.type)]}
        for column in request.columns
    }
    for name in measured:
        if name.lower() in request.persons:
            measured[name] = {measure: each for measure, each in measured[name].items() if measure not in VALUES}
    shape = [[column.name, column.type] for column in request.columns]
    return Profile(rows, digest([shape, rows, str(content)]), measured)


def plain(value: Any, text_max: int = TEXT_MAX) -> object:
    """A value as JSON can keep it: text for what JSON has no word for."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= text_max else text[: text_max - 1] + "…"
