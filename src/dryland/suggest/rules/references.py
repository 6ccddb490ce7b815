"""Proposes that a column refers to another model's key: its name says so, and each of its values is there."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dryland.check.dialects import family
from dryland.check.scanning.scan import table_of
from dryland.suggest.proposal import Candidate, Proposal, Sure, by_rows
from dryland.suggest.subject import ColumnFacts, KeyElsewhere, Subject, many, singular

PER_COLUMN, IN_ALL = 3, 12  # each costs a pass over one column
GENERIC = frozenset({"id", "key", "code", "uuid", "guid", "sk", "pk", "name", "date"})


def candidates(subject: Subject) -> Iterator[Candidate]:
    """For each column that is no key itself: the nearest of the models whose key it may be."""
    own = {key[0].lower() for key in subject.keys if len(key) == 1}
    left = IN_ALL
    for column in subject.columns:
        if column.name.lower() in own or column.nulls == subject.rows:
            continue
        parents = sorted((each for each in subject.others if _refers(column, each)), key=lambda each: each.rank)
        parents = parents[: min(PER_COLUMN, left)]
        left -= len(parents)
        if parents:
            yield _candidate(subject, column, parents)


def _refers(column: ColumnFacts, key: KeyElsewhere) -> bool:
    """By name: `customer_id` is the key `customer_id`, or the `id` of customers; `buyer_customer_id` refers to it."""
    if family(key.column.type) != column.family or column.family not in ("number", "text"):
        return False
    if column.family == "number" and not column.is_integer:
        return False
    name, theirs, entity = column.name.lower(), key.column.name.lower(), singular(key.name)
    if theirs not in GENERIC:
        return name == theirs or name.endswith(f"_{theirs}")
    return name in (f"{entity}_{theirs}", entity) or name.endswith(f"_{entity}_{theirs}")


def _candidate(subject: Subject, column: ColumnFacts, parents: list[KeyElsewhere]) -> Candidate:
    def settle(found: object) -> Proposal | None:
        orphans = list(found) if isinstance(found, list | tuple) else []
        held = [key for key, count in zip(parents, orphans, strict=True) if count == 0]
        return _proposal(subject, column, held[0]) if held else None

    return Candidate(tuple(_orphans(subject, column, key) for key in parents), settle)


def _proposal(subject: Subject, column: ColumnFacts, key: KeyElsewhere) -> Proposal:
    rows = subject.rows - column.nulls
    named = column.name.lower() == key.column.name.lower()
    sure: Sure = by_rows(rows, many=100 if named else 1000, some=3)
    evidence = f"each value of {many(rows, 'row')} is a {key.column.name} of {key.name}"
    return Proposal("relationships", column.name, {"to": key.call, "field": key.column.name}, evidence, sure)


def _orphans(subject: Subject, column: ColumnFacts, key: KeyElsewhere) -> exp.Expr:
    """How many values the other table does not have."""
    mine, theirs = exp.column(column.name, "child", quoted=True), exp.column(key.column.name, "parent", quoted=True)
    parent = table_of(key.relation, "parent")
    there = exp.select(exp.Literal.number(1)).from_(parent).where(exp.EQ(this=theirs, expression=mine.copy()))
    counted = exp.select(exp.Count(this=exp.Star())).from_(table_of(subject.relation, "child"))
    return counted.where(mine.is_(exp.null()).not_(), exp.Exists(this=there).not_()).subquery()
