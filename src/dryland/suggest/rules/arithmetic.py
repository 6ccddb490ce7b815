"""Proposes sums and products that hold in every row: a total is what its parts make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations

from sqlglot import exp

from dryland.suggest.proposal import Candidate, Proposal, by_rows, less
from dryland.suggest.rules.order import quoted
from dryland.suggest.subject import ColumnFacts, Subject, many, number

COLUMNS_MAX, FOUND_MAX = 12, 4
SAMPLE_MIN, DIFFERENT_MIN = 10, 5
TOLERANCE = Decimal("0.01")
WHOLES = frozenset("total gross net amount sum revenue value charge cost price subtotal balance".split())
OPERATIONS: Mapping[str, tuple[Callable[[Decimal, Decimal], Decimal], type[exp.Binary]]] = {
    "+": (lambda one, other: one + other, exp.Add),
    "-": (lambda one, other: one - other, exp.Sub),
    "*": (lambda one, other: one * other, exp.Mul),
}


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Of the numbers that are no ids: a whole by its name, and two parts that make it in each sampled row."""
    able = [each for each in subject.columns if each.family == "number" and not each.is_id][:COLUMNS_MAX]
    sampled = {each.name: [number(value) for value in each.sample] for each in able}
    found = 0
    for whole in able:
        if not set(whole.words) & WHOLES or found >= FOUND_MAX:
            continue
        made = next(_made(whole, able, sampled), None)
        if made:
            found += 1
            yield _candidate(subject, whole, *made)


Numbers = Mapping[str, list[Decimal | None]]


def _made(
    whole: ColumnFacts, able: list[ColumnFacts], sampled: Numbers
) -> Iterator[tuple[ColumnFacts, str, ColumnFacts]]:
    parts = [each for each in able if each is not whole]
    for one, other in combinations(parts, 2):
        rows = [
            (a, b, c) for a, b, c in zip(*(sampled[each.name] for each in (whole, one, other)), strict=True)
            if a is not None and b is not None and c is not None
        ]  # fmt: skip
        if len(rows) < SAMPLE_MIN or len(set(rows)) < DIFFERENT_MIN:
            continue
        for sign, (make, _) in OPERATIONS.items():
            if all(abs(a - make(b, c)) < TOLERANCE for a, b, c in rows) and _says_something(rows):
                yield one, sign, other


def _says_something(rows: list[tuple[Decimal, Decimal, Decimal]]) -> bool:
    """Whether neither part is left out of the sum: always 0, or always 1."""
    return all(len({row[at] for row in rows}) > 1 for at in (1, 2))


def _candidate(subject: Subject, whole: ColumnFacts, one: ColumnFacts, sign: str, other: ColumnFacts) -> Candidate:
    made = exp.paren(OPERATIONS[sign][1](this=one.tree, expression=other.tree))
    off = exp.Abs(this=exp.Sub(this=whole.tree, expression=made))
    is_off = exp.GTE(this=off, expression=exp.Literal.number(str(TOLERANCE)))
    parts = f"{quoted(one)} {sign} {quoted(other)}"
    whole_numbers = whole.is_integer and one.is_integer and other.is_integer
    text = f"{quoted(whole)} = {parts}" if whole_numbers else f"abs({quoted(whole)} - ({parts})) < {TOLERANCE}"
    evidence = f"true of {many(subject.rows, 'row')}"
    proposal = Proposal("expression_is_true", "", {"expression": text}, evidence, less(by_rows(subject.rows)))
    return Candidate((exp.CountIf(this=is_off),), lambda found: None if found[0] else proposal)
