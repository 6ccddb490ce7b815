"""Writes queries that somebody may start from who sees a dataset for the first time."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dryland.portal.facts.dataset import Column, Dataset
from dryland.values import dataclass

FEW = range(2, 51)  # distinct values that one may count by
ROWS_SHOWN = 100
MOMENTS = ("date", "timestamp", "datetime")


@dataclass(frozen=True, slots=True)
class Example:
    """A query, and what it answers, by its name in `texts`."""

    answers: str
    sql: str


def examples_of(dataset: Dataset, columns: tuple[Column, ...], dialect: str) -> tuple[Example, ...]:
    """Queries on what readers see; none before the first release."""
    pointer = dataset.parts.pointer
    if pointer is None or not columns:
        return ()
    _, schema, name = pointer.published
    return tuple(
        Example(answers, query.sql(dialect, pretty=True))
        for answers, query in _queries(exp.table_(name, schema, quoted=True), columns)
    )


def _queries(table: exp.Table, columns: tuple[Column, ...]) -> Iterator[tuple[str, exp.Select]]:
    yield "first_rows", exp.select("*").from_(table).limit(ROWS_SHOWN)
    if counted := next((each for each in columns if each.distinct in FEW and not each.is_personal), None):
        name = exp.column(counted.name, quoted=True)
        count = exp.alias_(exp.Count(this=exp.Star()), "row_count")
        grouped = exp.select(name.copy(), count).from_(table.copy()).group_by(name)
        yield "counted_by", grouped.order_by(exp.column("row_count").desc())
    if dated := next((each for each in columns if each.type.lower().startswith(MOMENTS)), None):
        name = exp.column(dated.name, quoted=True)
        first, last = exp.Min(this=name), exp.Max(this=name.copy())
        yield "first_and_last", exp.select(exp.alias_(first, "first"), exp.alias_(last, "last")).from_(table.copy())
