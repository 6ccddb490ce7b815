"""Speaks to DuckDB for one thread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dryland.engines import duckdb_files
from dryland.engines.duckdb_catalogue import collates, columns_of, constrained_columns, relations_in
from dryland.engines.duckdb_errors import explained
from dryland.engines.duckdb_names import literal, quoted, rendered
from dryland.engines.relation import Column, Found, Relation, Storage
from dryland.engines.statement import Remark, Rows
from dryland.errors import ModelError, QueryError
from dryland.timings import timed

ROLLING_BACK = re.compile(r"\s*(rollback|abort)\b", re.IGNORECASE)
FRAMES = "a pandas or polars DataFrame, an Arrow table or reader, or a DuckDB relation"


class DuckDBSession:
    """One cursor; the connection behind it is shared by all threads of the process."""

    makes_at_once = True

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.remark = Remark()
        self.storage = Storage()
        self._made: dict[Relation, int] = {}  # rows of tables

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """What the rest of this room reads rows through."""
        return self._cursor

    def execute(self, sql: str) -> int:
        """Run one statement; return the rows it changed, or -1 when unknown."""
        self._run(sql)
        return int(self._cursor.rowcount)

    @timed("warehouse")
    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        """Run one query and return its rows."""
        try:
            self._run(sql)
            rows = self._cursor.fetchall() if rows_max is None else self._cursor.fetchmany(rows_max)
        except duckdb.Error as error:
            raise explained(error, sql) from error
        return Rows(tuple(each[0] for each in self._cursor.description or ()), tuple(tuple(row) for row in rows))

    def fetch_inside(self, sql: str) -> Rows:
        """Run statements of somebody else within the caller's transaction; return the rows of the last."""
        rows = Rows((), ())
        for statement in _statements(sql):
            if statement.type != duckdb.StatementType.TRANSACTION:
                rows = self.fetch(statement.query)
            elif ROLLING_BACK.match(statement.query):
                raise QueryError(
                    "a transaction that belongs to a build cannot be rolled back from within.", sql=sql,
                    hint="fail instead: exceptions.raise_compiler_error(...) undoes all that was done.",
                )  # fmt: skip
        return rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, or roll it back when it raises."""
        self._run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        try:
            self._run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def rehearsal(self, mode: str = "") -> Iterator[None]:
        """Undo what happens inside: whoever comes to its end knows that it can be done."""
        self._run(f"BEGIN TRANSACTION{mode}")
        try:
            yield
        finally:
            self._roll_back()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """There are no savepoints; what DuckDB 1 refuses before it runs leaves a transaction as it is, DuckDB 2 not."""
        yield

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        answer = self.fetch(f"DESCRIBE (\n{query}\n)")
        return tuple(Column(row[0], row[1]) for row in answer.rows)

    @timed("warehouse")
    def bound(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a table, view or file as a query of it would have them."""
        try:
            found = self._cursor.sql(f"FROM {rendered(relation)}")
        except duckdb.Error as error:
            raise explained(error) from error
        return tuple(Column(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True))

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query."""
        return relations_in(self, schemas)

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        return columns_of(self, relations)

    def collates(self) -> bool:
        """Whether any column here has a collation of its own."""
        return collates(self)

    def create_schema(self, schemas: Iterable[tuple[str, str]]) -> None:
        """Make sure that these (database, schema) pairs exist."""
        for database, schema in sorted(set(schemas)):
            self._run(f"CREATE SCHEMA IF NOT EXISTS {quoted(database)}.{quoted(schema)}")

    def create_table_as(self, target: Relation, query: str) -> None:
        """Build `target` from a query, atomically."""
        made = self.fetch(f"CREATE OR REPLACE TABLE {rendered(target)} AS (\n{query}\n)")
        self._made[target] = int(made.rows[0][0])

    def rows_made(self, target: Relation) -> int | None:
        """With how many rows this session made a table of a query."""
        return self._made.get(target)

    def create_view(self, target: Relation, query: str) -> None:
        """Create or replace the view `target`."""
        self._run(f"CREATE OR REPLACE VIEW {rendered(target)} AS (\n{query}\n)")

    def load(self, target: Relation, data: object, types: Mapping[str, str] | None = None) -> None:
        """Build `target` from a frame, Arrow data, or a DuckDB relation.

        Raises:
            ModelError: it is none of these.
        """
        name = "dryland_loaded"
        try:
            if isinstance(data, duckdb.DuckDBPyRelation):
                data = data.to_arrow_table()  # materialised: the cursor that reads it cannot write meanwhile
            elif hasattr(data, "read_all"):  # an Arrow stream, perhaps of this very cursor
                data = data.read_all()
            self._cursor.register(name, data)
        except (duckdb.Error, TypeError, ValueError) as error:
            raise ModelError(f"cannot make a table of {type(data).__name__!r}.", hint=f"return {FRAMES}.") from error
        try:
            columns = ", ".join(
                f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}" for column, kind in (types or {}).items()
            )
            self._run(f"CREATE OR REPLACE TABLE {rendered(target)} AS SELECT {columns or '*'} FROM {quoted(name)}")
        finally:
            self._cursor.unregister(name)

    def load_csv(self, target: Relation, path: str, types: Mapping[str, str], delimiter: str = ",") -> None:
        """Build `target` from a CSV file with a header; empty fields are NULL.

        As under dbt, DuckDB finds out how fields are quoted: `''` is no text where it takes ' for the quote.
        """
        fields = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items())
        self._run(
            f"CREATE OR REPLACE TABLE {rendered(target)} AS SELECT * FROM read_csv({literal(path)}, "
            f"header = true, delim = {literal(delimiter)}, columns = {{{fields}}})"
        )

    def copy_to_file(self, query: str, path: str, options: Mapping[str, str] | None = None) -> int:
        """Write a query's rows to a file or folder in place of what is there; return how many."""
        plain = "FORMAT PARQUET" if path.endswith(".parquet") else "FORMAT CSV, HEADER"
        how = duckdb_files.writing(options) if options else plain
        if options:
            duckdb_files.make_room(Path(path))
        answer = self.fetch(f"COPY (\n{query}\n) TO {literal(path)} ({how})")
        return int(answer.rows[0][0])

    def clone_table(self, source: Relation, target: Relation) -> None:
        """Build `target` as a copy of `source`, with the constraints that its rows keep."""
        columns = constrained_columns(self, source)
        if not columns:
            self._run(f"CREATE OR REPLACE TABLE {rendered(target)} AS FROM {rendered(source)}")
            return
        self._run(f"CREATE OR REPLACE TABLE {rendered(target)}{columns}")
        self._run(f"INSERT INTO {rendered(target)} FROM {rendered(source)}")

    def finish(self, target: Relation) -> None:
        """Nothing: DuckDB keeps count of what it stores by itself."""

    def drop(self, relations: Iterable[tuple[Relation, str]]) -> None:
        """Drop relations given as (relation, "table" | "view"), if they exist; one round trip."""
        statements = [f"DROP {kind.upper()} IF EXISTS {rendered(relation)}" for relation, kind in relations]
        if statements:
            self._run(";\n".join(statements))

    def python_session(self) -> object:
        """The connection, as a Python model's `session`."""
        return self._cursor

    def table(self, relation: Relation) -> object:
        """A DuckDB relation with `.df()`, `.arrow()`, `.pl()`."""
        return self._cursor.sql(f"SELECT * FROM {rendered(relation)}")

    def close(self) -> None:
        """Let go of the cursor."""
        self._cursor.close()

    def interrupt(self) -> None:
        """Stop the running statement; called from another thread."""
        self._cursor.interrupt()

    @timed("warehouse")
    def _run(self, sql: str) -> None:
        try:
            self._cursor.execute(self.remark.on(sql))
        except duckdb.Error as error:
            raise explained(error, sql, lines_before=self.remark.lines_before) from error

    def _roll_back(self) -> None:
        try:
            self._cursor.execute("ROLLBACK")
        except duckdb.Error:  # the failure already ended the transaction
            return


def _statements(sql: str) -> list[duckdb.Statement]:
    try:
        return list(duckdb.extract_statements(sql))
    except duckdb.Error as error:
        raise explained(error, sql) from error
