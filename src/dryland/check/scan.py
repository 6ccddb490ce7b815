"""Looks at a table once: answers every check that can share a scan, and takes the profile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from dryland.check.dialects import content_sum, family
from dryland.check.kinds.catalogue import KINDS
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.project.nodes import Check
from dryland.state.records import Profile, digest

TEXT_MAX = 80  # characters of a minimum or maximum that are kept


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is asked of one table."""

    relation: Relation
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    profile: bool = True


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What was found: failures by check, and the profile when asked for."""

    failures: Mapping[str, int]
    profile: Profile | None


def scan(session: Session, request: ScanRequest, dialect: str) -> ScanResult:
    """Ask everything in one query."""
    query = scan_query(request, dialect)
    row = session.fetch(query.sql(dialect=dialect)).rows[0]
    asked = len(request.checks)
    failures = {check.unique_id: int(row[at] or 0) for at, check in enumerate(request.checks)}
    profile = _profile(request.columns, row[asked:]) if request.profile else None
    return ScanResult(failures, profile)


def scan_query(request: ScanRequest, dialect: str) -> exp.Query:
    """The query behind `scan`: one aggregate per check, then those of the profile in a fixed order."""
    table = table_of(request.relation)
    terms = [KINDS[check.kind](check, table, dialect).failures for check in request.checks]
    numbers = _profile_terms(request.columns, dialect) if request.profile else []
    named = [term.as_(f"c{number}") for number, term in enumerate([*terms, *numbers])]
    return exp.select(*(named or [exp.Literal.number(1).as_("c0")])).from_(table)


def table_of(relation: Relation) -> exp.Table:
    """The relation as a tree."""
    return exp.table_(relation.name, db=relation.schema, catalog=relation.database, quoted=True)


def _profile_terms(columns: tuple[Column, ...], dialect: str) -> list[exp.Expr]:
    """rows, content, then for each column: nulls, distinct, min, max, mean (those its family has)."""
    names = [exp.column(column.name, quoted=True) for column in columns]
    terms: list[exp.Expr] = [exp.Count(this=exp.Star()), content_sum(names, dialect)]
    for column, name in zip(columns, names, strict=True):
        terms += [make(name.copy()) for make in MEASURES[family(column.type)].values()]
    return terms


def _nulls(name: exp.Expr) -> exp.Expr:
    return exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=name))


def _mean(name: exp.Expr) -> exp.Expr:
    return exp.Avg(this=exp.Cast(this=name, to=exp.DataType.build("DOUBLE")))


_ANY = {"nulls": _nulls}
_DISTINCT = {**_ANY, "distinct": lambda name: exp.ApproxDistinct(this=name)}
_ORDERED = {**_DISTINCT, "min": lambda name: exp.Min(this=name), "max": lambda name: exp.Max(this=name)}
MEASURES: Mapping[str, Mapping[str, Any]] = {
    "number": {**_ORDERED, "mean": _mean},
    "moment": _ORDERED,
    "text": _ORDERED,
    "boolean": _ORDERED,
    "other": _ANY,
}


def _profile(columns: tuple[Column, ...], values: tuple[Any, ...]) -> Profile:
    rows, content = int(values[0]), values[1]
    rest = iter(values[2:])
    measured = {
        column.name: {measure: plain(next(rest)) for measure in MEASURES[family(column.type)]} for column in columns
    }
    shape = [[column.name, column.type] for column in columns]
    return Profile(rows, digest([shape, rows, str(content)]), measured)


def plain(value: Any, text_max: int = TEXT_MAX) -> object:
    """A value as JSON can keep it: text for what JSON has no word for."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= text_max else text[: text_max - 1] + "…"
