"""Answers a stranger's query in DuckDB: one SELECT, as DuckDB itself takes it, in a transaction that cannot write.

A transaction that only reads still lets COPY write files and functions read them. Where the file was opened for reading
alone, DuckDB is told to leave files alone and to let nobody tell it otherwise; where this process writes as well, the
query's tree, as DuckDB's own parser gives it, must call no table function but those that only make rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dryland.engines.duckdb_errors import explained
from dryland.engines.duckdb_names import literal
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.read_only import Block, Bounds, timed_out
from dryland.engines.relation import Column
from dryland.errors import QueryError

MAKING_ROWS = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})
"""Table functions that read nothing but their arguments."""
SHUT_IN = ("SET python_enable_replacements = false", "SET enable_external_access = false")
IS_SHUT_IN = "SELECT current_setting('lock_configuration') AND NOT current_setting('enable_external_access')"
KEPT = "SET lock_configuration = true"


def lock(connection: duckdb.DuckDBPyConnection, files: Path, *, keeps_settings: bool) -> None:
    """Shut a connection in: files of builds may be read, no other; nobody can set it free again.

    Unless `keeps_settings`, sessions have settings of their own to make; access to files cannot be had back even so.
    What this process has open already, and shut in, stays as it is.
    """
    if connection.execute(IS_SHUT_IN).fetchall() == [(True,)]:
        return
    if files.is_dir():
        connection.execute(f"SET allowed_directories = [{literal(str(files))}]")
    for statement in (*SHUT_IN, *((KEPT,) if keeps_settings else ())):
        connection.execute(statement)


class DuckDBStream:
    """The answer to one query."""

    def __init__(self, session: DuckDBSession, sql: str, bounds: Bounds) -> None:
        self._session, self._sql, self._bounds = session, sql, bounds
        self._columns = session.describe(sql)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Names and types."""
        return self._columns

    def blocks(self) -> Iterator[Block]:
        """The rows, a block at a time."""
        cursor = self._session.cursor
        try:
            cursor.execute(self._sql)
            while rows := cursor.fetchmany(self._bounds.block_rows):
                yield rows
        except duckdb.Error as error:
            raise explained(error, self._sql) from error

    def interrupt(self) -> None:
        """Stop the query."""
        self._session.interrupt()


@contextmanager
def reading(session: DuckDBSession, sql: str, bounds: Bounds) -> Iterator[DuckDBStream]:
    """The answer to one query, in a transaction that only reads and is undone."""
    _verify_one_select(sql)
    with timed_out(bounds.timeout_s, session.interrupt):
        _verify_only_makes_rows(session, sql)
        with session.rehearsal(" READ ONLY"):
            yield DuckDBStream(session, sql, bounds)


def _verify_one_select(sql: str) -> None:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise explained(error, sql) from error
    if [each.type for each in statements] != [duckdb.StatementType.SELECT]:
        raise QueryError("one SELECT can be answered here, and nothing else.")


def _verify_only_makes_rows(session: DuckDBSession, sql: str) -> None:
    answer = session.fetch(f"SELECT json_serialize_sql({literal(sql)}::VARCHAR)").rows[0][0]
    tree = json.loads(answer)
    if tree.get("error"):
        raise QueryError(f"DuckDB cannot look into the query: {tree.get('error_message', 'no reason given')}")
    strange = sorted(set(_strange(tree)) - _common(tree))
    if strange:
        raise QueryError(f"a query here may not read from {', '.join(strange)}.")


def _strange(tree: Any) -> Iterator[str]:
    """What a serialised query reads besides tables with their schema: calls, and names that may be files."""
    for part in _parts(tree):
        if part.get("type") == "TABLE_FUNCTION":
            name = str((part.get("function") or {}).get("function_name") or "?").lower()
            if name not in MAKING_ROWS:
                yield f"{name}()"
        elif part.get("type") == "BASE_TABLE" and not part.get("schema_name"):
            yield str(part.get("table_name"))


def _common(tree: Any) -> set[str]:
    """Names that a WITH gives."""
    maps = (part["cte_map"].get("map") or () for part in _parts(tree) if isinstance(part.get("cte_map"), Mapping))
    return {str(entry["key"]) for entries in maps for entry in entries}


def _parts(tree: Any) -> Iterator[Mapping[str, Any]]:
    ahead = [tree]
    while ahead:
        part = ahead.pop()
        if isinstance(part, Mapping):
            yield part
            ahead.extend(part.values())
        elif isinstance(part, list):
            ahead.extend(part)
