"""Keeps what a diff has found so far in temporary tables of the session that compares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp

from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.statement import Rows
from dryland.values import dataclass

BUCKETS, PAIRS, SAMPLE = "dryland_diff_buckets", "dryland_diff_pairs", "dryland_diff_sample"


@dataclass(frozen=True, slots=True)
class Scratch:
    """A session, and the dialect in which our trees are written for it."""

    session: Session
    dialect: str

    def fetch(self, query: exp.Query) -> Rows:
        """The rows of a query."""
        return self.session.fetch(render_sql(query, self.dialect))

    def make(self, name: str, query: exp.Query) -> None:
        """Put the rows of a query into a temporary table, in place of what it held."""
        self._drop(name)
        temporary = exp.Properties(expressions=[exp.TemporaryProperty()])
        made = exp.Create(this=exp.to_table(name), kind="TABLE", properties=temporary, expression=query)
        self.session.execute(render_sql(made, self.dialect))

    def clear(self) -> None:
        """Drop everything."""
        for name in (BUCKETS, PAIRS, SAMPLE):
            self._drop(name)

    def _drop(self, name: str) -> None:
        self.session.execute(exp.Drop(tables=[exp.to_table(name)], kind="TABLE", exists=True).sql(dialect=self.dialect))


@contextmanager
def scratch(session: Session, dialect: str) -> Iterator[Scratch]:
    """Temporary tables for one comparison; none is left behind."""
    held = Scratch(session, dialect)
    try:
        yield held
    finally:
        held.clear()
