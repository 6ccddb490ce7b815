"""Gives values that PostgreSQL has and Python has not as texts, and JSON as the text that it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader


class _Date(DateLoader):
    def load(self, data: Any) -> date | str:  # type: ignore[override]
        """A date; one before the year 1 or after 9999, and `infinity`, as text."""
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()


class _Timestamp(TimestampLoader):
    def load(self, data: Any) -> datetime | str:  # type: ignore[override]
        """A moment; what Python cannot hold as text."""
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()


class _Timestamptz(TimestamptzLoader):
    def load(self, data: Any) -> datetime | str:  # type: ignore[override]
        """A moment with its zone; what Python cannot hold as text."""
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()


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
