"""Sends a statement again after an error that the profile calls passing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

import duckdb

PASSING = ("IOException",)  # as for dbt-duckdb, when the profile names none
ATTEMPTS_MAX = 20  # to connect: twelve days


def patience_s(settings: Mapping[str, Any], least_s: float) -> float:
    """How long to wait for another process: dbt's `connect_attempts`, with 1, 2, 4, ... seconds after each."""
    attempts = min(int(_retries(settings).get("connect_attempts") or 1), ATTEMPTS_MAX)
    return max(least_s, 2.0**attempts - 1) if attempts > 1 else least_s


def patient(cursor: duckdb.DuckDBPyConnection, settings: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """The cursor, or one that tries again if the profile's `query_attempts` say so."""
    attempts = int(_retries(settings).get("query_attempts") or 1)
    if attempts < 2:
        return cursor
    passing = tuple(_retries(settings).get("retryable_exceptions") or PASSING)
    return cast("duckdb.DuckDBPyConnection", PatientCursor(cursor, attempts, passing))


class PatientCursor:
    """A cursor whose `execute` is worth more than one attempt; all else is the cursor's own."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, attempts: int, passing: tuple[str, ...]) -> None:
        self._cursor, self._attempts, self._passing = cursor, attempts, passing

    def execute(self, query: object, *arguments: Any, **more: Any) -> PatientCursor:
        """Run a statement; within a transaction only once, for DuckDB ends it with the first error."""
        for attempt in range(self._attempts):
            try:
                self._cursor.execute(cast("str", query), *arguments, **more)
                break
            except duckdb.Error as error:
                is_last = attempt == self._attempts - 1
                if is_last or type(error).__name__ not in self._passing or self._is_aborted():
                    raise
            time.sleep(2**attempt)
        return self

    def _is_aborted(self) -> bool:
        """Whether nothing but ROLLBACK can follow."""
        try:
            self._cursor.execute("SELECT 1")
        except duckdb.TransactionException:
            return True
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def _retries(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    given = settings.get("retries")
    return given if isinstance(given, Mapping) else {}
