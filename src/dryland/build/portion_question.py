"""Asks for portions of relations, all in one statement and so at one moment; each answer is a row of texts.

SELECT '0', CAST(COUNT(*) AS TEXT), CAST(SUM(...) AS TEXT) FROM old AS it WHERE it.b > 1 UNION ALL SELECT '1', ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from dryland.check.dialects import content_sum
from dryland.check.scanning.scan import table_of
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.sql.portion import Aggregate, Condition, Match, Portion
from dryland.values import dataclass

OWN, OTHER = "it", "other"
AGGREGATES: Mapping[str, type[exp.Expr]] = {"count": exp.Count, "max": exp.Max, "min": exp.Min, "sum": exp.Sum}
Columns = Mapping[str, Column]  # by name in lower case
Answer = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Terms over those rows of a relation that meet all conditions."""

    relation: Relation
    terms: Sequence[exp.Expr]
    conditions: Sequence[exp.Expr] = ()


def of_all(relation: Relation, columns: Sequence[Column], dialect: str) -> Question:
    """How many rows, and what stands in them."""
    return Question(relation, [exp.Count(this=exp.Star()), content_sum(columns, dialect)])


def of_portion(
    relation: Relation,
    portion: Portion,
    columns: Columns,
    others: Mapping[Match, tuple[Relation, Column]],
    dialect: str,
) -> Question:
    """What a place of a query sees of a relation; `others` tells where the keys are that count."""
    conditions = [_condition(each, columns) for each in portion.conditions]
    conditions += [_match(each, columns[each.column.lower()], *others[each]) for each in portion.matches]
    if portion.aggregates is not None:
        terms = [_aggregate(each, columns) for each in sorted(portion.aggregates)]
        return Question(relation, terms, conditions)
    shown = [columns[each.lower()] for each in sorted(portion.columns)]
    terms = [exp.Count(this=exp.Star()), *([content_sum(shown, dialect)] if shown else [])]
    return Question(relation, terms, conditions)


def written(questions: Sequence[Question], dialect: str) -> str:
    """The statement that asks all of them."""
    width = max(len(each.terms) for each in questions)
    queries = [_query(at, each, width) for at, each in enumerate(questions)]
    return " UNION ALL ".join(render_sql(each, dialect) for each in queries)


def answers(session: Session, statement: str) -> list[Answer]:
    """What the statement gives, in the order of the questions."""
    rows = sorted(session.fetch(statement).rows, key=lambda row: int(row[0]))
    return [tuple(row[1:]) for row in rows]


def _query(at: int, question: Question, width: int) -> exp.Query:
    texts = [exp.cast(term, "text") for term in question.terms]
    texts += [exp.cast(exp.null(), "text")] * (width - len(texts))
    named = [text.as_(f"told_{number}") for number, text in enumerate(texts)]
    query = exp.select(exp.Literal.number(at).as_("at"), *named).from_(table_of(question.relation, OWN))
    return query.where(*(exp.paren(each) for each in question.conditions)) if question.conditions else query


def _condition(condition: Condition, columns: Columns) -> exp.Expr:
    def named(node: exp.Expr) -> exp.Expr:
        return _of(columns[node.name.lower()]) if isinstance(node, exp.Column) else node

    return condition.tree.transform(named)


def _match(match: Match, column: Column, relation: Relation, other: Column) -> exp.Expr:
    """Compared as the query does, side by side: types and collations decide what is equal."""
    sides = [_of(column), _of(other, OTHER)]
    equal = exp.EQ(this=sides[not match.is_first], expression=sides[match.is_first])
    found = exp.select(exp.Literal.number(1)).from_(table_of(relation, OTHER)).where(equal)
    return exp.Exists(this=found)


def _aggregate(aggregate: Aggregate, columns: Columns) -> exp.Expr:
    made = AGGREGATES[aggregate.name]
    return made(this=_of(columns[aggregate.column.lower()]) if aggregate.column else exp.Star())


def _of(column: Column, table: str = OWN) -> exp.Column:
    return exp.column(column.name, table=table, quoted=True)
