"""Brings frames into PostgreSQL and its tables into frames, by way of an empty DuckDB that knows all their forms."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dryland.engines import postgres_arrow
from dryland.engines.duckdb_names import literal as duckdb_literal
from dryland.engines.duckdb_names import quoted as duckdb_quoted
from dryland.engines.postgres_files import copy_csv_out, copy_file_in
from dryland.engines.postgres_names import quoted, rendered
from dryland.engines.relation import BESIDE, Column, Relation
from dryland.errors import ModelError

if TYPE_CHECKING:
    from dryland.engines.postgres_session import PostgresSession

FRAMES = "a pandas or polars DataFrame, an Arrow table or reader, or a DuckDB relation"
LENGTH = re.compile(r"\(.*\)")
AS_DUCKDB: Mapping[str, str] = {
    "smallint": "SMALLINT", "integer": "INTEGER", "int": "INTEGER", "bigint": "BIGINT", "real": "FLOAT",
    "double precision": "DOUBLE", "numeric": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
    "timestamp without time zone": "TIMESTAMP", "timestamp": "TIMESTAMP", "timestamp with time zone": "TIMESTAMPTZ",
    "timestamptz": "TIMESTAMPTZ", "time without time zone": "TIME", "time": "TIME", "uuid": "UUID",
}  # fmt: skip
"""PostgreSQL's type -> DuckDB's; all others travel as text."""
AS_POSTGRES: Mapping[str, str] = {
    "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "numeric(39)",
    "UTINYINT": "smallint", "USMALLINT": "integer", "UINTEGER": "bigint", "UBIGINT": "numeric(20)",
    "UHUGEINT": "numeric(39)", "FLOAT": "real", "DOUBLE": "double precision", "BOOLEAN": "boolean", "DATE": "date",
    "TIME": "time", "TIMESTAMP": "timestamp", "TIMESTAMP_NS": "timestamp", "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_S": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamptz", "INTERVAL": "interval", "UUID": "uuid",
    "BLOB": "bytea", "JSON": "jsonb",
}  # fmt: skip
"""DuckDB's type -> PostgreSQL's; what is nested becomes jsonb, and the rest text."""
WIDEST_DECIMAL = 38  # digits of DuckDB's


def load_frame(session: PostgresSession, target: Relation, data: Any, types: Mapping[str, str] | None) -> None:
    """Make a table of a frame.

    Raises:
        ModelError: it is none.
    """
    with duckdb.connect() as bench, tempfile.TemporaryDirectory() as folder:
        frame = _registered(bench, data)
        columns = types or {name: _postgres_type(kind) for name, kind in frame.items()}
        told = ", ".join(
            f"{_sent(name, frame[name], kind if types else '')} AS {duckdb_quoted(name)}"
            for name, kind in columns.items()
        )
        try:
            rows = bench.sql(f"SELECT {told} FROM given")
            if postgres_arrow.can_write(columns.values()):
                _ingest(session, target, rows.to_arrow_table(), columns)
                return
            file = Path(folder) / "rows.csv"
            rows.write_csv(str(file), header=False)
        except duckdb.Error as error:
            raise ModelError(f"cannot make a table of what the model gave: {str(error).splitlines()[0]}") from error
        session.execute(_made(session, target, columns))
        copy_file_in(session, rendered(target), list(columns), file)


def _made(session: PostgresSession, target: Relation, columns: Mapping[str, str]) -> str:
    name, listed = rendered(target), ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
    return f"DROP TABLE IF EXISTS {name};\nCREATE {session.storage.unlogged}TABLE {name} ({listed})"


def _ingest(session: PostgresSession, target: Relation, data: Any, columns: Mapping[str, str]) -> None:
    """In bulk, into a table beside the target, which then takes its place within the session's transaction."""
    beside = replace(target, name=f"{target.name}{BESIDE}")
    with session.apart() as other:
        other.execute(_made(session, beside, columns))
    postgres_arrow.write(session.settings, beside.schema, beside.name, data)
    session.execute(
        f"DROP TABLE IF EXISTS {rendered(target)};\nALTER TABLE {rendered(beside)} RENAME TO {quoted(target.name)}"
    )


def _registered(bench: duckdb.DuckDBPyConnection, data: Any) -> dict[str, str]:
    """Let DuckDB see the frame as `given`; its columns and their types."""
    try:
        if isinstance(data, duckdb.DuckDBPyRelation):
            data = data.to_arrow_table()
        elif hasattr(data, "read_all"):  # an Arrow stream is read once
            data = data.read_all()
        bench.register("given", data)
        return {row[0]: row[1] for row in bench.execute("DESCRIBE given").fetchall()}
    except (duckdb.Error, TypeError, ValueError) as error:
        raise ModelError(f"cannot make a table of {type(data).__name__!r}.", hint=f"return {FRAMES}.") from error


def _postgres_type(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return kind.replace("DECIMAL", "numeric")
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return "jsonb"
    return AS_POSTGRES.get(kind, "text")


def _sent(name: str, kind: str, wanted: str) -> str:
    """A column as PostgreSQL reads it from a CSV file."""
    column = duckdb_quoted(name)
    if kind == "BLOB":
        return f"'\\x' || hex({column})"
    if _postgres_type(kind) == "jsonb":
        return f"to_json({column})"
    there = duckdb_type(wanted) if wanted else "VARCHAR"
    return column if there == "VARCHAR" else f"CAST({column} AS {there})"


def duckdb_type(kind: str) -> str:
    """DuckDB's type for one of PostgreSQL's; VARCHAR where there is none that holds all its values.

    >>> duckdb_type("numeric(10,2)"), duckdb_type("bigint"), duckdb_type("jsonb"), duckdb_type("numeric(50,1)")
    ('DECIMAL(10,2)', 'BIGINT', 'VARCHAR', 'VARCHAR')
    """
    plain = kind.lower()
    found = re.fullmatch(r"numeric\((\d+),(-?\d+)\)", plain.replace(" ", ""))
    if found:
        digits, scale = int(found[1]), int(found[2])
        return f"DECIMAL({digits},{scale})" if digits <= WIDEST_DECIMAL and 0 <= scale <= digits else "VARCHAR"
    return AS_DUCKDB.get(LENGTH.sub("", plain).replace("  ", " ").strip(), "VARCHAR")


def frame_of(session: PostgresSession, relation: Relation) -> duckdb.DuckDBPyRelation:
    """The rows of a table as they are now, as a DuckDB relation."""
    return query_as_relation(session, f"SELECT * FROM {rendered(relation)}")


def query_as_relation(session: PostgresSession, query: str) -> duckdb.DuckDBPyRelation:
    """The rows of a query as they are now; they stand in a DuckDB of their own, in memory."""
    columns = session.describe(query)
    bench = duckdb.connect()
    if postgres_arrow.is_there() and session.is_idle:
        answer = bench.from_arrow(postgres_arrow.read(session.settings, _as_arrow_has_it(query, columns)))
        casts = ", ".join(
            f"CAST({name} AS {duckdb_type(each.type)}) AS {name}"
            for each in columns
            if (name := duckdb_quoted(each.name))
        )
        return answer.project(casts)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        copy_csv_out(session, query, file)
        bench.execute(f"CREATE TABLE answer AS SELECT * FROM read_csv({duckdb_literal(str(file))}, {_form(columns)})")
    return bench.table("answer")


def _as_arrow_has_it(query: str, columns: tuple[Column, ...]) -> str:
    """The query with those columns as text that have no like in Arrow."""
    told = ", ".join(
        quoted(each.name) if each.type in postgres_arrow.BINARY else f"{quoted(each.name)}::text AS {quoted(each.name)}"
        for each in columns
    )
    return f"SELECT {told} FROM (\n{query}\n) AS asked"


def _form(columns: tuple[Column, ...]) -> str:
    """How PostgreSQL writes CSV."""
    fields = ", ".join(f"{duckdb_literal(each.name)}: {duckdb_literal(duckdb_type(each.type))}" for each in columns)
    return (
        f"columns = {{{fields}}}, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        "allow_quoted_nulls = false, auto_detect = false"
    )
