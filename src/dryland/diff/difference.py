"""Defines what a diff says: of one table, and of everything that stands in two places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from dryland.values import dataclass

Status = Literal["equal", "different", "added", "removed", "unknown"]
Measure = Literal["psi", "jensen_shannon"]
MODERATE, MAJOR = 0.1, 0.25


@dataclass(frozen=True, slots=True)
class Example:
    """One row that differs: its key (or the whole row), and a value before and after."""

    key: Mapping[str, object]
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a column falls into one bin or category; shares are between 0 and 1."""

    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a column's distribution moved; `quantiles` are (at, before, after), of numbers and moments only."""

    measure: Measure
    value: float
    shares: tuple[Share, ...] = ()
    quantiles: tuple[tuple[float, object, object], ...] = ()

    @property
    def level(self) -> Literal["", "moderate", "major"]:
        """How much that is, by the bounds that are usual for the stability index; ours for the distance, too."""
        return "" if self.value < MODERATE else "moderate" if self.value < MAJOR else "major"


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """What became of one column; a type is empty on the side that does not have it."""

    name: str
    type_before: str = ""
    type_after: str = ""
    changed: int = 0  # rows of both sides in which it has another value
    examples: tuple[Example, ...] = ()
    shift: Shift | None = None

    @property
    def schema_change(self) -> Literal["", "added", "removed", "retyped"]:
        """How its definition changed; empty when it did not."""
        if not self.type_before:
            return "added"
        if not self.type_after:
            return "removed"
        return "" if self.type_before == self.type_after else "retyped"


@dataclass(frozen=True, slots=True)
class TableDifference:
    """What became of one table. Without a key rows are compared whole, and none is `changed`."""

    name: str
    status: Status
    reason: str = ""  # how that is known without a look, or why it is not known
    key: tuple[str, ...] = ()
    rows_before: int | None = None
    rows_after: int | None = None
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: tuple[ColumnDifference, ...] = ()
    examples_added: tuple[Example, ...] = ()
    examples_removed: tuple[Example, ...] = ()
    sampled_rows: int | None = None  # of both sides, from which shifts were taken; None for all rows
    notes: tuple[str, ...] = ()

    @property
    def equal(self) -> int | None:
        """Rows that are the same on both sides; None where nobody looked."""
        return None if self.rows_before is None else self.rows_before - self.removed - self.changed

    @property
    def schema(self) -> tuple[ColumnDifference, ...]:
        """The columns whose definition changed."""
        return tuple(column for column in self.columns if column.schema_change)

    @property
    def altered(self) -> tuple[ColumnDifference, ...]:
        """The columns with other values or another distribution, those with most changes first."""
        found = [column for column in self.columns if column.changed or (column.shift and column.shift.level)]
        return tuple(sorted(found, key=lambda column: -column.changed))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was compared, and between what."""

    before: str
    after: str
    tables: tuple[TableDifference, ...]
    types: tuple[tuple[str, str], ...] = ()  # of columns: how two warehouses call them, where there are two

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference, and nothing of which that is not known."""
        return all(table.status == "equal" for table in self.tables)

    @property
    def different(self) -> tuple[TableDifference, ...]:
        """The tables that are not equal."""
        return tuple(table for table in self.tables if table.status != "equal")


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data; the keys are stable."""
    return {
        "before": comparison.before,
        "after": comparison.after,
        "equal": comparison.is_equal,
        "tables": [_table_json(table) for table in comparison.tables],
        **({"types": [list(each) for each in comparison.types]} if comparison.types else {}),
    }


def _table_json(table: TableDifference) -> dict[str, Any]:
    found = asdict(table)
    found["equal"] = table.equal
    found["columns"] = [
        {**asdict(column), "schema_change": column.schema_change}
        for column in table.columns
        if column.schema_change or column.changed or column.shift
    ]
    return found
