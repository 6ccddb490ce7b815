"""Proposes which of two columns comes first: an end after its beginning, a maximum above its minimum."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sqlglot import exp

from dryland.project.plain_names import is_plain
from dryland.suggest.proposal import Candidate, Proposal, Sure, by_rows, less
from dryland.suggest.subject import ColumnFacts, Subject, many

PAIRS_MAX = 8
SAMPLE_MIN = 3
EARLIER = frozenset(
    """
    start started begin began from created ordered opened placed requested scheduled first valid signed born issued
    submitted departed departure
    """.split()
)
LATER = frozenset(
    """
    end ended finish finished to until updated modified shipped delivered closed completed paid returned cancelled
    canceled last expired expires resolved died due received arrived arrival processed loaded
    """.split()
)
LESS = frozenset("min minimum low lower net subtotal".split())
MORE = frozenset("max maximum high upper gross total".split())


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Pairs whose names say it and whose sampled rows agree; all rows are asked then."""
    found = [pair for pair in permutations(subject.columns, 2) if _is_pair(*pair) and _agrees(*pair)]
    for first, second in found[:PAIRS_MAX]:
        yield _candidate(subject, first, second)


def _is_pair(first: ColumnFacts, second: ColumnFacts) -> bool:
    if first.family != second.family:
        return False
    ours, theirs = set(first.words), set(second.words)
    if first.family == "moment" and not _is_clock(first) and not _is_clock(second):
        return bool(ours & EARLIER and theirs & LATER) and not ours & LATER
    shared = (ours - LESS) == (theirs - MORE)
    return first.family == "number" and bool(ours & LESS and theirs & MORE) and shared


def _is_clock(column: ColumnFacts) -> bool:
    return column.column.type.upper().startswith("TIME") and not column.column.type.upper().startswith("TIMESTAMP")


def _agrees(first: ColumnFacts, second: ColumnFacts) -> bool:
    both = [(a, b) for a, b in zip(first.sample, second.sample, strict=True) if a is not None and b is not None]
    return len(both) >= SAMPLE_MIN and all(a <= b for a, b in both) and any(a < b for a, b in both)


def _candidate(subject: Subject, first: ColumnFacts, second: ColumnFacts) -> Candidate:
    is_after = exp.GTE(this=second.tree, expression=first.tree)
    both = exp.Count(this=exp.Add(this=_one(first), expression=_one(second)))
    sure: Sure = less(by_rows(subject.rows, some=10))

    def settle(found: object) -> Proposal | None:
        failures, rows = found if isinstance(found, list | tuple) else (1, 0)
        if failures or not rows:
            return None
        text = f"{quoted(second)} >= {quoted(first)}"
        evidence = f"true of {many(rows, 'row')} that have both"
        return Proposal("expression_is_true", "", {"expression": text}, evidence, sure)

    return Candidate((exp.CountIf(this=is_after.not_()), both), settle)


def _one(column: ColumnFacts) -> exp.Expr:
    """1 where there is a value, else null."""
    return exp.Case(ifs=[exp.If(this=column.tree.is_(exp.null()).not_(), true=exp.Literal.number(1))])


def quoted(column: ColumnFacts) -> str:
    """A column as a condition in YAML names it: with quotes only where it needs them.

    >>> from dryland.engines.relation import Column
    >>> [quoted(ColumnFacts(Column(name, "INT"), {}, (), ())) for name in ("total", "order", "a b")]
    ['total', '"order"', '"a b"']
    """
    if is_plain(column.name) and column.name.islower():
        return column.name
    return exp.to_identifier(column.name, quoted=True).sql()
