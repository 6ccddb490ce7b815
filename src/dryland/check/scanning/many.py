"""Takes the profiles of many small tables in one scan: to plan a question about each takes longer than to answer it.

What is measured of a column depends on its type. So columns of one type take the same place in a common row, whatever
they are called, and rows are measured by table; a table that has fewer columns of a type leaves places empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp

from dryland.check.dialects import WORDS, family
from dryland.check.scanning.scan import MEASURES, ScanRequest, profile_from, table_of, written
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column
from dryland.state.records import Profile
from dryland.values import dataclass

COLUMNS_MAX = 60  # of a table: empty places are measured, too


@dataclass(frozen=True, slots=True)
class _Place:
    """One column of the common row."""

    name: str
    type: str
    nth: int  # among those of the type


def scan_many(session: Session, requests: Sequence[ScanRequest], dialect: str) -> tuple[Profile, ...]:
    """The profiles, in their order, of tables or views of which nothing else is asked.

    They are those that `scan` takes one by one, but for the last digits of a mean, on an engine that has no limit on
    how much one query asks. None of their columns may have a collation of its own.

    Raises:
        WarehouseError: one of them cannot be read; it does not say which.
    """
    places = _places(requests)
    columns = [_columns_by_place(request) for request in requests]
    tables = " UNION ALL ".join(
        _rows(number, request, places, columns[number], dialect) for number, request in enumerate(requests)
    )
    terms = ["COUNT(*)", "SUM(content)", *(term for each in places for term in _terms(each, dialect))]
    answer = session.fetch(f"SELECT number, {', '.join(terms)} FROM ({tables}) GROUP BY number")
    found = {row[0]: row[1:] for row in answer.rows}
    return tuple(
        profile_from(request, _values(request, places, columns[number], found.get(number)))
        for number, request in enumerate(requests)
    )


def _places(requests: Sequence[ScanRequest]) -> tuple[_Place, ...]:
    """As many of each type as the table has that has most of them."""
    most: Counter[str] = Counter()
    for request in requests:
        most |= Counter(column.type for column in request.columns)
    kinds = [(kind, nth) for kind, count in most.items() for nth in range(count)]
    return tuple(_Place(f"c{at}", kind, nth) for at, (kind, nth) in enumerate(kinds))


def _columns_by_place(request: ScanRequest) -> dict[tuple[str, int], Column]:
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Column] = {}
    for column in request.columns:
        found[column.type, seen[column.type]] = column
        seen[column.type] += 1
    return found


def _rows(
    number: int, request: ScanRequest, places: Sequence[_Place], columns: dict[tuple[str, int], Column], dialect: str
) -> str:
    """A table's rows as common rows, as SQL."""
    taken = (columns.get((each.type, each.nth)) for each in places)
    values = [_name(column.name, dialect) if column else "NULL" for column in taken]
    named = ", ".join(f"{value} AS {place.name}" for value, place in zip(values, places, strict=True))
    content = _content(request.columns, dialect)
    table = render_sql(table_of(request.relation), dialect)
    return f"SELECT {number} AS number, {content} AS content, {named} FROM {table}"


def _values(
    request: ScanRequest, places: Sequence[_Place], columns: dict[tuple[str, int], Column], row: tuple[Any, ...] | None
) -> tuple[Any, ...]:
    """What `profile_from` wants, of a row that the scan gave; there is none of a table without rows."""
    if row is None:
        nothing = [0 if each in ("nulls", "distinct") else None for each in _measures(request.columns)]
        return (0, 0, *nothing)
    measured: dict[str, tuple[Any, ...]] = {}
    at = 2
    for place in places:
        count = len(MEASURES[family(place.type)])
        if column := columns.get((place.type, place.nth)):
            measured[column.name] = row[at : at + count]
        at += count
    return (*row[:2], *(value for column in request.columns for value in measured[column.name]))


def _measures(columns: Sequence[Column]) -> list[str]:
    return [measure for column in columns for measure in MEASURES[family(column.type)]]


def _terms(place: _Place, dialect: str) -> tuple[str, ...]:
    return written(Column(place.name, place.type), dialect)


@lru_cache(maxsize=100)
def _content(columns: tuple[Column, ...], dialect: str) -> str:
    """The content of one row, as wide as a sum of many has to be."""
    words = WORDS[dialect]
    row = words.row_hash([each for column in columns for each in words.told(column)])
    return render_sql(exp.cast(row, words.wide_integer), dialect)


@lru_cache(maxsize=10_000)
def _name(name: str, dialect: str) -> str:
    return render_sql(exp.column(name, quoted=True), dialect)
