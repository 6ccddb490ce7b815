"""Holds values of an answer as templates know them from dbt: rows and columns, by position or by name, and types."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

SAMPLE = 5  # values that a row or column shows of itself when it is printed


class Values(Sequence[Any]):
    """Values in order, also by name: a row, a column, or several of them."""

    _kind = "MappedSequence"

    def __init__(self, values: Sequence[Any], names: Sequence[Any] | None = None) -> None:
        self._values = tuple(values)
        self._names = tuple(names) if names is not None else None

    def __getitem__(self, key: Any) -> Any:
        return self._values[key] if isinstance(key, slice) or type(key) is int else self.dict()[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._values == tuple(other)

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        shown = [repr(value) for value in self._values[:SAMPLE]] + (["..."] if len(self) > SAMPLE else [])
        return f"<agate.{self._kind}: ({', '.join(shown)})>"

    def keys(self) -> tuple[Any, ...] | None:
        """The names in order."""
        return self._names

    def values(self) -> tuple[Any, ...]:
        """The values in order."""
        return self._values

    def items(self) -> tuple[tuple[Any, Any], ...]:
        """Names with their values."""
        return tuple(zip(self._names or (), self._values, strict=True))

    def get(self, name: Any, default: Any = None) -> Any:
        """A value by name."""
        return self.dict().get(name, default)

    def dict(self) -> dict[Any, Any]:
        """The values by name."""
        if self._names is None:
            raise KeyError("these values have no names")
        return dict(self.items())


class Row(Values):
    """One row, by position or by name of column."""

    _kind = "Row"


class ColumnOfValues(Values):
    """One column of an answer."""

    _kind = "Column"

    def __init__(self, index: int, name: str, data_type: DataType, values: Sequence[Any]) -> None:
        super().__init__(values)
        self.index = index  # type: ignore[assignment,method-assign]
        self.name = name
        self.data_type = data_type

    def values_distinct(self) -> tuple[Any, ...]:
        """Each value once."""
        return tuple(dict.fromkeys(self._values))

    def values_without_nulls(self) -> tuple[Any, ...]:
        """The values that are there."""
        return tuple(value for value in self._values if value is not None)

    def values_sorted(self) -> list[Any]:
        """The values in order, NULL last."""
        return sorted(self._values, key=nulls_last)

    def values_without_nulls_sorted(self) -> list[Any]:
        """The values that are there, in order."""
        return sorted(self.values_without_nulls())


class DataType:
    """What a column of an answer holds; known to templates by its name."""

    def __init__(
        self, name: str, fits: Callable[[Any], bool], cast: Callable[[Any], Any] = lambda value: value
    ) -> None:
        self.name = name
        self.fits = fits
        self.cast = cast

    def csvify(self, value: Any) -> str | None:
        """A value of the column as text in a file."""
        if value is None:
            return None
        return value.isoformat() if isinstance(value, datetime.date) else str(value)

    def jsonify(self, value: Any) -> Any:
        """A value of the column as JSON can have it."""
        if value is None or self.name in ("Boolean", "Integer"):
            return value
        return float(value) if self.name == "Number" else self.csvify(value)

    def __repr__(self) -> str:
        return self.name


def _text(value: Any) -> str:
    return json.dumps(value, default=jsonable) if isinstance(value, dict | list | tuple) else str(value)


def _decimal(value: Any) -> decimal.Decimal:
    return decimal.Decimal(repr(value)) if isinstance(value, float) else decimal.Decimal(value)


TYPES = (
    DataType("Integer", lambda value: type(value) is int),
    DataType("Number", lambda value: type(value) in (int, float, decimal.Decimal), _decimal),
    DataType("Date", lambda value: type(value) is datetime.date),
    DataType("DateTime", lambda value: isinstance(value, datetime.datetime)),
    DataType("Boolean", lambda value: type(value) is bool),
    DataType("Text", lambda value: True, _text),
)
"""In dbt's order of trying: a column is of the first that all its values fit; one of NULLs only is of whole numbers."""


def nulls_last(value: Any) -> tuple[bool, Any]:
    """What puts values in order, NULL last."""
    return (value is None, 0 if value is None else value)


def jsonable(value: Any) -> Any:
    """A value that JSON has no form for, in one that it has."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
