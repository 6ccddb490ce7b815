"""Moves Arrow tables in and out of PostgreSQL in bulk through ADBC, where that is installed.

ADBC talks over a connection of its own, which sees nothing of a transaction that is open here. Rows therefore go to a
table beside the target, which the transaction then takes under the target's name; and they are read by it only where
no transaction is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from psycopg.conninfo import make_conninfo

from dryland.engines.postgres_address import parameters
from dryland.errors import WarehouseError

BINARY = frozenset({
    "smallint", "integer", "bigint", "real", "double precision", "boolean", "date", "text", "character varying",
    "timestamp", "timestamp without time zone",
})  # fmt: skip
"""Types whose values ADBC writes just as a table of that type stores them."""


def is_there() -> bool:
    """Whether ADBC's driver is installed."""
    return find_spec("adbc_driver_postgresql") is not None


def can_write(types: Iterable[str]) -> bool:
    """Whether ADBC can fill a table of these types."""
    return is_there() and set(types) <= BINARY


def write(settings: Mapping[str, Any], schema: str, name: str, data: Any) -> None:
    """Add an Arrow table to a table that has its columns, in a transaction of its own."""
    with _connected(settings) as connection, connection.cursor() as cursor:
        try:
            cursor.adbc_ingest(name, data, mode="append", db_schema_name=schema)
        except Exception as error:
            raise _told(error) from error
        connection.commit()


def read(settings: Mapping[str, Any], query: str) -> Any:
    """The rows of a query, as an Arrow table."""
    with _connected(settings) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(query)
            return cursor.fetch_arrow_table()
        except Exception as error:
            raise _told(error) from error


def _connected(settings: Mapping[str, Any]) -> Any:
    from adbc_driver_postgresql import dbapi

    return dbapi.connect(make_conninfo(**parameters(settings)))


def _told(error: Exception) -> WarehouseError:
    """The first line: what follows may quote values."""
    return WarehouseError(f"PostgreSQL did not take part in a bulk transfer: {str(error).splitlines()[0]}")
