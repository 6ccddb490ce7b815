"""Reads what the warehouse has written down of a stored table, and tells which questions that answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from sqlglot import exp

from dryland.check.dialects import WORDS, family
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.values import dataclass

ROWS_FEW = 100_000  # below this everything takes no time, and one question is the fastest
DISTINCT = re.compile(r"approx.unique\W+(\d+)", re.IGNORECASE)
WITHOUT_NULLS = re.compile(r"has.null\W+false", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """Of a large table: its columns in lower case, with about how many different values each has; else nothing.

    Without `rows` nothing is known but those numbers: no question is answered by what is written down.
    """

    rows: int = 0
    distinct: Mapping[str, int] = field(default_factory=dict)
    full: frozenset[str] = frozenset()  # columns that have no null
    bounded: frozenset[str] = frozenset()  # columns of which the smallest and the largest value are written down

    def answers(self, term: exp.Expr) -> bool:
        """Whether a term is worked out of what is written down alone.

        A query is answered without a scan only when all of it is.
        """
        if not self.rows or term.find(exp.Query, exp.Filter, exp.Anonymous):
            return False
        aggregates = list(term.find_all(exp.AggFunc))
        return bool(aggregates) and all(map(self._has, aggregates))

    def _has(self, aggregate: exp.Expr) -> bool:
        read = aggregate.this
        if isinstance(aggregate, exp.Count):
            return isinstance(read, exp.Star) or (isinstance(read, exp.Column) and read.name.lower() in self.full)
        if isinstance(aggregate, exp.Min | exp.Max):
            return isinstance(read, exp.Column) and read.name.lower() in self.bounded
        return False


def read_known(
    session: Session, relation: Relation, table: exp.Table, columns: tuple[Column, ...], dialect: str
) -> Known:  # fmt: skip
    """Ask for it. It is made while rows are written; the numbers of different values are rough."""
    statistics, estimates = WORDS[dialect].statistics, WORDS[dialect].estimates
    if estimates is not None:
        return _estimated(session, estimates(table), dialect)
    made = session.rows_made(relation)
    if not statistics or not columns or (made is not None and made <= ROWS_FEW):
        return Known()
    rows = session.fetch(f"SELECT COUNT(*) FROM {table.sql(dialect=dialect)}").rows[0][0]
    if rows <= ROWS_FEW:
        return Known()
    names = [exp.column(column.name, quoted=True) for column in columns]
    asked = [exp.Anonymous(this=statistics, expressions=[name]).as_(f"c{at}") for at, name in enumerate(names)]
    found = session.fetch(exp.select(*asked).from_(table).limit(1).sql(dialect=dialect)).rows
    said = {column.name.lower(): str(each) for column, each in zip(columns, found[0], strict=True)} if found else {}
    return Known(
        rows,
        {name: int(match[1]) for name, each in said.items() if (match := DISTINCT.search(each))},
        frozenset(name for name, each in said.items() if WITHOUT_NULLS.search(each)),
        frozenset(column.name.lower() for column in columns if family(column.type) in ("number", "moment")),
    )


def _estimated(session: Session, query: exp.Query, dialect: str) -> Known:
    """What a sample of the rows has told; nothing of a small table, nor where nobody has looked."""
    found = session.fetch(render_sql(query, dialect)).rows
    if not found or found[0][0] <= ROWS_FEW:
        return Known()
    return Known(distinct={name.lower(): round(part if part > 0 else -part * rows) for rows, name, part in found})
