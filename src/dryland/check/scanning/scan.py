"""Looks at a table once: answers every check that can share a scan, and takes the profile."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp

from dryland.check.dialects import WORDS, content_sum, distinct_sampled, family
from dryland.check.scanning.few_values import VALUES_FEW
from dryland.check.scanning.guards import holds, parts_of
from dryland.check.scanning.keys import unique_columns
from dryland.check.scanning.known import Known, read_known
from dryland.check.scanning.looking import Looking
from dryland.check.writing import render_sql
from dryland.digest import digest
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.state.records import Profile
from dryland.values import dataclass

TEXT_MAX = 80  # characters of a minimum or maximum that are kept
SEEN_ALL = 1_000  # values of which the sample behind an estimate, of 30,000 rows, has seen about each
ONE_OF_SOME = 8  # of more than those, such that enough are counted
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
    known = read_known(session, request.relation, table, request.columns, dialect) if request.is_stored else Known()
    if not request.asked and request.profile and known == Known() and not WORDS[dialect].terms_max:
        return ScanResult({}, profile_from(request, _at_once(session, request.columns, table, dialect)))
    keys = {each.check: each.key.name for each in request.asked if each.key is not None} if known.rows else {}
    unique = unique_columns(session, keys.values(), table, request.columns, known, dialect)
    asked = [each for each in request.asked if keys.get(each.check, "").lower() not in unique]
    numbers = _profile_terms(request.columns, known, unique, dialect) if request.profile else []
    looking = Looking(session, request.columns, known, table, dialect)
    looking = _looked(looking, asked, numbers, profile=request.profile)
    failures = {each.check: _failures(each, looking) for each in asked}
    profile = profile_from(request, tuple(map(looking.says, numbers))) if request.profile else None
    return ScanResult({each.check: failures.get(each.check, 0) for each in request.asked}, profile)


def _looked(looking: Looking, asked: list[Measure], numbers: list[exp.Expr], *, profile: bool) -> Looking:
    """Ask first what takes no look at the rows, then in one look all else, then what that leaves open."""
    guards = {each.check: [*parts_of(each.none_fails)] for each in asked if each.none_fails is not None}
    parts = [part for guard in guards.values() for part in guard]
    looking = looking.at_few([*(each.failures for each in asked), *parts, *numbers], profile=profile)
    wanted = {each.check: _worth_asking(each, looking, profile=profile) for each in asked}
    first = [term for each in asked for term in wanted[each.check] or [each.failures]]
    looking.ask_cheaply([*first, *numbers])
    rest = [
        term
        for each in asked
        if not _is_shown(each, looking)
        for term in [part for part in wanted[each.check] if not looking.has_said(part)] or [each.failures]
    ]
    looking.ask([*rest, *numbers])
    looking.ask(each.failures for each in asked if not _is_shown(each, looking))
    return looking


def _worth_asking(measure: Measure, looking: Looking, *, profile: bool) -> list[exp.Expr]:
    """The parts of a guard that take less than to count what fails; none where they could not show anything."""
    if measure.none_fails is None:
        return []
    is_of_groups = not isinstance(measure.failures, exp.CountIf)  # of which a count takes more than any guard

    def is_worth(part: exp.Expr) -> bool:
        is_asked_anyway = profile and not part.find(exp.CountIf, exp.Try)
        return is_of_groups or is_asked_anyway or looking.is_cheap(part)

    return [*filter(is_worth, parts_of(measure.none_fails))] if holds(measure.none_fails, is_worth) else []


def _is_shown(measure: Measure, looking: Looking) -> bool:
    """Whether it has been shown without a count that nothing fails."""
    return measure.none_fails is not None and holds(measure.none_fails, lambda part: bool(looking.says(part)))


def _failures(measure: Measure, looking: Looking) -> int:
    return 0 if _is_shown(measure, looking) else int(looking.says(measure.failures) or 0)


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
    terms: list[exp.Expr] = [exp.Count(this=exp.Star()), content_sum(columns, dialect)]
    if not known.rows and not known.distinct:  # nothing looks into the terms: there is but one place to ask
        return terms + [exp.Var(this=text) for column in columns for text in written(column, dialect)]
    for column in columns:
        of_column = dict(_measured(column, dialect))
        if "distinct" in of_column:
            of_column["distinct"] = _distinct(column, known, unique, dialect)
        terms += of_column.values()
    return terms


@lru_cache(maxsize=10_000)
def written(column: Column, dialect: str) -> tuple[str, ...]:
    """What is measured of a column: to write that takes longer than to ask it of a small table."""
    return tuple(render_sql(term, dialect) for term in _measured(column, dialect).values())


def _at_once(session: Session, columns: tuple[Column, ...], table: exp.Table, dialect: str) -> tuple[Any, ...]:
    """The terms of a profile where nothing is known: there is but one question, which no tree has to be made for."""
    texts = ", ".join((_counted(columns, dialect), *(text for column in columns for text in written(column, dialect))))
    return session.fetch(f"SELECT {texts} FROM {render_sql(table, dialect)}").rows[0]


@lru_cache(maxsize=100)
def _counted(columns: tuple[Column, ...], dialect: str) -> str:
    return f"COUNT(*), {render_sql(content_sum(columns, dialect), dialect)}"


def _distinct(column: Column, known: Known, unique: frozenset[str], dialect: str) -> exp.Expr:
    """How many different values: the warehouse's estimate is the dearest of all measures, and often far off."""
    name = exp.column(column.name, quoted=True)
    if column.name.lower() in unique:
        return exp.Count(this=name)
    about = known.distinct.get(column.name.lower(), 0)
    compared = WORDS[dialect].compared(name, column.type)
    if about > VALUES_FEW:
        return distinct_sampled(compared, dialect)
    if about and not known.rows:  # to count them takes a sort of all rows
        is_sure = about <= SEEN_ALL
        return exp.Literal.number(about) if is_sure else distinct_sampled(compared, dialect, ONE_OF_SOME)
    return exp.ApproxDistinct(this=compared)


_ORDERED = ("nulls", "distinct", "min", "max")
MEASURES: Mapping[str, tuple[str, ...]] = {
    "number": (*_ORDERED, "mean"),
    "moment": _ORDERED,
    "text": _ORDERED,
    "boolean": _ORDERED,
    "other": ("nulls",),
}
"""What is measured of a column, by the family of its type."""


def _measured(column: Column, dialect: str) -> Mapping[str, exp.Expr]:
    """Each measure of a column as a term of the scan."""
    words, kind = WORDS[dialect], family(column.type)
    name: exp.Expr = exp.column(column.name, quoted=True)
    terms: dict[str, exp.Expr] = {"nulls": exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=name))}
    if kind == "other":
        return terms
    terms["distinct"] = exp.ApproxDistinct(this=words.compared(name.copy(), column.type))
    terms["min"], terms["max"] = words.extremes(name.copy(), column.type)
    if kind == "moment":  # the warehouse writes them down: Python has no infinity, and no year 20000
        terms |= {end: exp.cast(terms[end], "TEXT") for end in ("min", "max")}
    if kind == "number":
        terms["mean"] = words.mean(name.copy())
    return terms


def profile_from(request: ScanRequest, values: tuple[Any, ...]) -> Profile:
    """What a table's profile is, from how many rows it has, the sum of its content, and the measures of each column."""
    rows, content = int(values[0]), values[1]
    rest = iter(values[2:])
    measured = {
        column.name: {measure: plain(next(rest)) for measure in MEASURES[family(column.type)]}
        for column in request.columns
    }
    for name in measured:
        if name.lower() in request.persons:
            measured[name] = {measure: each for measure, each in measured[name].items() if measure not in VALUES}
    columns = [(column.name, column.type) for column in request.columns]
    return Profile(rows, content_hash(columns, rows, content), measured)


def content_hash(columns: Sequence[tuple[str, str]], rows: int, content: object) -> str:
    """What tables have in common that hold the same; `content` is the sum over all columns of all rows."""
    return digest([[[*column] for column in columns], rows, str(content)])


def plain(value: Any, text_max: int = TEXT_MAX) -> object:
    """A value as JSON can keep it: text for what JSON has no word for."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= text_max else text[: text_max - 1] + "…"
