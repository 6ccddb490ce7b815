"""Asks relations what they hold: how many rows, and hashes of columns for which the order of rows is nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dryland.check.dialects import content_sum
from dryland.check.scanning.scan import table_of
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.values import dataclass

Groups = Sequence[Sequence[Column]]


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a relation, and a sum for each group of columns: over hashes of what stands in a row together."""

    rows: int
    sums: tuple[int, ...]


def held(session: Session, asked: Sequence[tuple[Relation, Groups]], dialect: str) -> tuple[Held, ...]:
    """What each relation holds, all in one query and so at one moment; each is asked for as many groups."""
    queries = [_question(at, relation, groups, dialect) for at, (relation, groups) in enumerate(asked)]
    question = exp.union(*queries, distinct=False) if len(queries) > 1 else queries[0]
    rows = sorted(session.fetch(render_sql(question, dialect)).rows)
    return tuple(Held(int(row[1]), tuple(int(each) for each in row[2:])) for row in rows)


def _question(at: int, relation: Relation, groups: Groups, dialect: str) -> exp.Query:
    sums = [content_sum(group, dialect).as_(f"sum_{number}") for number, group in enumerate(groups)]
    counted = exp.Count(this=exp.Star()).as_("counted")
    return exp.select(exp.Literal.number(at).as_("at"), counted, *sums).from_(table_of(relation))
