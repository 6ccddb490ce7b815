"""Holds the answer to a query as templates know it from dbt: rows and columns, with dbt's types of values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dryland.project.jinja.state import Said, current
from dryland.project.jinja.values import TYPES, ColumnOfValues, DataType, Row, Values, jsonable, nulls_last


class Table:
    """The answer to a query: `.rows`, `.columns`, `.column_names`, `.column_types`."""

    def __init__(
        self, names: Sequence[str] = (), rows: Sequence[Sequence[Any]] = (), types: Sequence[DataType] | None = None
    ) -> None:
        self.column_names = tuple(_distinct(names))
        self.column_types = tuple(types) if types is not None else tuple(_types(len(names), rows))
        typed = (tuple(map(_cast, self.column_types, row)) for row in rows)
        self.rows = Values([Row(row, self.column_names) for row in typed])

    @property
    def columns(self) -> Values:
        """The columns, by position or by name."""
        described = enumerate(zip(self.column_names, self.column_types, strict=True))
        found = [ColumnOfValues(at, name, kind, [row[at] for row in self.rows]) for at, (name, kind) in described]
        return Values(found, self.column_names)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> Any:
        return self.rows[key]

    def __str__(self) -> str:
        described = zip(self.column_names, map(str, self.column_types), strict=True)
        return _drawn(("column", "data_type"), list(described))

    def select(self, names: Any) -> Table:
        """Only these columns, in this order."""
        wanted = [names] if isinstance(names, str) else list(names)
        at = [self.column_names.index(name) for name in wanted]
        return Table(wanted, [[row[i] for i in at] for row in self.rows], [self.column_types[i] for i in at])

    def exclude(self, names: Any) -> Table:
        """All columns but these."""
        gone = [names] if isinstance(names, str) else list(names)
        return self.select([name for name in self.column_names if name not in gone])

    def rename(self, column_names: Any = None, **_: Any) -> Table:
        """The same rows under other names: all of them in order, or old name -> new name."""
        given = column_names or {}
        names = [given.get(name, name) for name in self.column_names] if isinstance(given, Mapping) else list(given)
        return Table(names, [row.values() for row in self.rows], self.column_types)

    def where(self, test: Callable[[Row], Any]) -> Table:
        """The rows of which a macro says something true."""
        return self._of(row for row in self.rows if test(row))

    def find(self, test: Callable[[Row], Any]) -> Row | None:
        """The first row of which a macro says something true."""
        return next((row for row in self.rows if test(row)), None)

    def limit(self, start_or_stop: int | None = None, stop: int | None = None, step: int | None = None) -> Table:
        """The first rows, or a slice."""
        cut = slice(start_or_stop) if stop is None and step is None else slice(start_or_stop, stop, step)
        return self._of(self.rows[cut])

    def order_by(self, key: Any, reverse: bool = False) -> Table:
        """The rows in order of a column, several, or what a macro says of a row; NULL last."""
        return self._of(sorted(self.rows, key=lambda row: _sort_key(_of_row(row, key)), reverse=reverse))

    def distinct(self, key: Any = None) -> Table:
        """The first row of each value of a column, or of each combination of all."""
        return self._of(
            {_of_row(row, key or self.column_names): row for row in reversed(self.rows)}.values().__reversed__()
        )

    def group_by(self, key: Any) -> dict[Any, Table]:
        """The rows of each value of a column, or of what a macro says of a row."""
        groups: dict[Any, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(_of_row(row, key), []).append(row)
        return {value: self._of(rows) for value, rows in groups.items()}

    def print_table(self, max_rows: int = 20, **_: Any) -> str:
        """Shown to people as a drawn table."""
        return _say(_drawn(self.column_names, [row.values() for row in self.rows[:max_rows]]))

    def print_json(self, **_: Any) -> str:
        """Shown to people as JSON."""
        return _say(json.dumps([row.dict() for row in self.rows], default=jsonable))

    def print_csv(self, **_: Any) -> str:
        """Shown to people as CSV."""
        lines = [self.column_names, *([_shown(value, "") for value in row] for row in self.rows)]
        return _say("\n".join(",".join(line) for line in lines))

    def print_structure(self, **_: Any) -> str:
        """Shown to people: names and types of the columns."""
        return _say(str(self))

    def _of(self, rows: Any) -> Table:
        return Table(self.column_names, [row.values() for row in rows], self.column_types)


def _types(width: int, rows: Sequence[Sequence[Any]]) -> Iterator[DataType]:
    for at in range(width):
        present = [row[at] for row in rows if row[at] is not None]
        yield next(kind for kind in TYPES if all(map(kind.fits, present)))


def _cast(kind: DataType, value: Any) -> Any:
    return None if value is None else kind.cast(value)


def _distinct(names: Sequence[str]) -> Iterator[str]:
    """A name that is there already gets a number, as in dbt."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"


def _of_row(row: Row, key: Any) -> Any:
    if callable(key):
        return key(row)
    return row[key] if isinstance(key, str | int) else tuple(row[name] for name in key)


def _sort_key(value: Any) -> Any:
    return tuple(map(nulls_last, value)) if isinstance(value, tuple) else nulls_last(value)


def _shown(value: Any, null: str) -> str:
    return null if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _drawn(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of text with bars between its columns."""
    lines = [list(names), *([_shown(value, "") for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return "\n".join([drawn[0], "| " + " | ".join("-" * width for width in widths) + " |", *drawn[1:], ""])


def _say(text: str) -> str:
    state = current()
    state.say(Said("info", text, state.scope.path))
    return ""
