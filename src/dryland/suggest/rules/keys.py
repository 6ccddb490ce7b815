"""Proposes by what rows are told apart: one column, or several together where no single one does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import prod

from sqlglot import exp

from dryland.check.dialects import WORDS, distinct_integers
from dryland.suggest.proposal import Candidate, Proposal, Sure, by_rows, less
from dryland.suggest.subject import ColumnFacts, Subject, singular

NEARLY = 0.9  # of the rows: the profile's count of values is an estimate
SINGLE_MAX, TOGETHER_MAX, COLUMNS_MAX = 4, 3, 9
ROWS_MANY = 100_000  # from there on a set of bits is cheaper than grouping
BITS_PER_VALUE, BITS_MAX = 32, 1_000_000_000
GRAIN_WORDS = frozenset(
    "date day week month year hour quarter line position pos rank seq sequence version type country currency "
    "channel region store product customer user account".split()
)


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Single columns whose name says so and that have about as many values as rows; else a few together."""
    promised = {key[0].lower() for key in subject.keys if len(key) == 1}
    if subject.rows < 2 or (subject.keys and not promised):
        return
    single = [each for each in _ranked(subject) if _may_be_key(subject, each)]
    for column in single[:SINGLE_MAX]:
        if column.name.lower() not in promised:
            yield _one(subject, column)
    if not single and not subject.keys:
        yield _together(subject, _sets(subject))


def _ranked(subject: Subject) -> list[ColumnFacts]:
    """What its name makes the key most likely first: `order_id`, `id`, other ids, then the rest as they stand."""
    entity = singular(subject.name)
    own = {f"{entity}_id": 0, f"{entity}_key": 0, f"{entity}_sk": 0, "id": 1, entity: 2}
    return sorted(subject.columns, key=lambda each: (own.get(each.name.lower(), 3), not each.is_id))


def _may_be_key(subject: Subject, column: ColumnFacts) -> bool:
    named = column.is_key_like or column.name.lower() == singular(subject.name)
    kind = column.family == "text" or column.is_integer
    return named and kind and column.nulls == 0 and column.distinct >= NEARLY * subject.rows


def _one(subject: Subject, column: ColumnFacts) -> Candidate:
    entity = singular(subject.name)
    is_own = column.name.lower() in ("id", entity, *(f"{entity}_{word}" for word in ("id", "key", "sk", "uuid")))
    sure: Sure = by_rows(subject.rows)
    if is_own and sure == "guess":
        sure = "likely"
    proposal = Proposal("unique", column.name, {}, f"{subject.rows:,} values in {subject.seen}", sure)
    return Candidate((_values(subject, column),), lambda found: proposal if found[0] == subject.rows else None)


def _values(subject: Subject, column: ColumnFacts) -> exp.Expr:
    """How many values a column has, exactly."""
    low, high = column.low, column.high
    if column.is_integer and subject.rows > ROWS_MANY and low is not None and high is not None:
        span = high - low
        if span < min(subject.rows * BITS_PER_VALUE, BITS_MAX):
            marks = distinct_integers(column.tree, int(low), int(high), subject.dialect)
            if marks is not None:
                return marks
    return exp.Count(this=exp.Distinct(expressions=[column.tree]))


def _sets(subject: Subject) -> list[tuple[ColumnFacts, ...]]:
    """The few smallest sets of columns that have hardly more combinations than there are rows, the tightest first."""
    able = [each for each in _ranked(subject) if each.nulls == 0 and each.distinct > 1 and _is_of_grain(each)]
    for size in (2, 3):
        sets = [each for each in combinations(able[:COLUMNS_MAX], size) if _combine(each) >= NEARLY * subject.rows]
        found = [each for each in sorted(sets, key=_combine) if _differ(each)]
        if found:
            return found[:TOGETHER_MAX]
    return []


def _combine(columns: Sequence[ColumnFacts]) -> int:
    return prod(each.distinct for each in columns)


def _is_of_grain(column: ColumnFacts) -> bool:
    kinds = column.family in ("text", "moment", "boolean") or column.is_integer
    return kinds and (column.is_key_like or bool(GRAIN_WORDS & set(column.words)) or column.family == "moment")


def _differ(columns: Sequence[ColumnFacts]) -> bool:
    rows = list(zip(*(each.sample for each in columns), strict=True))
    return len(set(rows)) == len(rows)


def _together(subject: Subject, sets: Sequence[tuple[ColumnFacts, ...]]) -> Candidate:
    """Counted by a hash: where two sets of values share one, the key is not proposed; never the other way round.

    Of several that are unique the first is meant: the others are by chance.
    """

    def settle(found: Sequence[object]) -> Proposal | None:
        held = [columns for columns, count in zip(sets, found, strict=True) if count == subject.rows]
        if not held:
            return None
        names = [each.name for each in _as_they_stand(subject, held[0])]
        evidence = f"no combination twice in {subject.seen}, and no single column is unique"
        return Proposal("unique", "", {"columns": names}, evidence, less(by_rows(subject.rows)))

    return Candidate(tuple(_combinations(subject, columns) for columns in sets), settle)


def _as_they_stand(subject: Subject, columns: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    return [each for each in subject.columns if each in columns]


def _combinations(subject: Subject, columns: Sequence[ColumnFacts]) -> exp.Expr:
    row = WORDS[subject.dialect].row_hash([each.tree for each in columns])
    return exp.Count(this=exp.Distinct(expressions=[row]))
