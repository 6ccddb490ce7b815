"""Gives values that PostgreSQL has and Python has not as texts, and JSON as the text that it is."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader


class _OrText(Loader):
    def load(self, data: Any) -> Any:
        """What Python can hold; anything else as the text that it is."""
        try:
            return super().load(data)  # type: ignore[safe-super]
        except psycopg.DataError:
            return bytes(data).decode()


class _Date(_OrText, DateLoader):
    """A date; one before the year 1 or after 9999, and `infinity`, as text."""


class _Timestamp(_OrText, TimestampLoader):
    """A moment."""


class _Timestamptz(_OrText, TimestamptzLoader):
    """A moment with its zone."""


LOADERS: dict[str, type] = {
    "date": _Date,
    "timestamp": _Timestamp,
    "timestamptz": _Timestamptz,
    "json": TextLoader,
    "jsonb": TextLoader,
    "inet": TextLoader,
    "cidr": TextLoader,
}


def adapt(connection: psycopg.Connection[Any]) -> None:
    """Have this connection read values so."""
    for name, loader in LOADERS.items():
        connection.adapters.register_loader(name, loader)
