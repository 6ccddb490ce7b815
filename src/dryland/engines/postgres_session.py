"""Makes and fills tables and views in PostgreSQL, for one thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from psycopg import errors

from dryland.engines import postgres_files
from dryland.engines.postgres_address import connected
from dryland.engines.postgres_catalogue import collates, columns_of, relations_in, schemas_missing
from dryland.engines.postgres_connection import PostgresConnection
from dryland.engines.postgres_names import literal, quoted, rendered
from dryland.engines.postgres_storage import drop_statements, filled_statements
from dryland.engines.relation import Column, Found, Relation

SCHEMAS_LOCK = 0x6472796C616E64  # two that make the same schema at once would fail; a number of our own


class PostgresSession(PostgresConnection):
    """One connection, used by one thread at a time."""

    makes_at_once = False  # what stood there goes first, and indexes come after

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query."""
        return relations_in(self, schemas, self.database)

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        return columns_of(self, relations, self.database)

    def create_schema(self, schemas: Iterable[tuple[str, str]]) -> None:
        """Make sure that these (database, schema) pairs exist; who may not make any needs none to be made."""
        missing = schemas_missing(self, {schema for _, schema in schemas})
        if missing:
            made = [f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}" for schema in missing]
            self.send(";\n".join((f"SELECT pg_advisory_xact_lock({SCHEMAS_LOCK})", *made)))

    def create_table_as(self, target: Relation, query: str) -> None:
        """Build `target` from a query, atomically."""
        name = rendered(target)
        before = f"DROP TABLE IF EXISTS {name};\nCREATE {self.storage.unlogged}TABLE {name} AS (\n"
        with self.run(query, before=before, after="\n)"):
            return

    def rows_made(self, target: Relation) -> int | None:
        """Nobody asks: PostgreSQL knows without a look at the rows about how many there are."""
        return None

    def collates(self) -> bool:
        """Whether any column here has another collation than its type."""
        return collates(self)

    def create_view(self, target: Relation, query: str) -> None:
        """Create or replace the view `target`."""
        name = rendered(target)

        def make(verb: str) -> None:
            with self.run(query, before=f"{verb} VIEW {name} AS (\n", after="\n)"):
                return

        def make_anew() -> None:
            self.send(f"DROP VIEW {name}")
            make("CREATE")

        self.otherwise(lambda: make("CREATE OR REPLACE"), errors.InvalidTableDefinition, make_anew)

    def load(self, target: Relation, data: object, types: Mapping[str, str] | None = None) -> None:
        """Build `target` from a frame, Arrow data, or what `table` gives.

        Raises:
            ModelError: it is none of these.
        """
        from dryland.engines.postgres_frames import load_frame  # imports what reads frames

        load_frame(self, target, data, types)

    def load_csv(self, target: Relation, path: str, types: Mapping[str, str], delimiter: str = ",") -> None:
        """Build `target` from a CSV file with a header; empty fields are NULL."""
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
        with self.whole():
            self.send(f"DROP TABLE IF EXISTS {rendered(target)}")
            self.send(f"CREATE {self.storage.unlogged}TABLE {rendered(target)} ({columns})")
            postgres_files.copy_csv_in(self, rendered(target), path, types, delimiter)

    def copy_to_file(self, query: str, path: str, options: Mapping[str, str] | None = None) -> int:
        """Write a query's rows to a CSV or Parquet file in place of what is there; return how many."""
        return postgres_files.copy_out(self, query, path, options or {})

    def clone_table(self, source: Relation, target: Relation) -> None:
        """Build `target` as a copy of `source`, with the constraints that its rows keep."""
        old, new = rendered(source), rendered(target)
        kept = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY INCLUDING GENERATED INCLUDING STORAGE"
        with self.whole():
            self.send(
                f"DROP TABLE IF EXISTS {new};\nCREATE {self.storage.unlogged}TABLE {new} (LIKE {old} {kept});\n"
                f"INSERT INTO {new} OVERRIDING SYSTEM VALUE SELECT * FROM {old}"
            )
            keys = self.fetch(
                f"""SELECT pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
                WHERE conrelid = {literal(old)}::regclass AND contype IN ('p', 'u') ORDER BY conname"""
            ).rows
            for (definition,) in keys:  # after the rows: an index that is there already makes each of them dearer
                self.send(f"ALTER TABLE {new} ADD {definition}")

    def finish(self, target: Relation) -> None:
        """Give a table that is filled its indexes, and tell the planner what is in it."""
        self.send(";\n".join(filled_statements(target, self.storage)))

    def drop(self, relations: Iterable[tuple[Relation, str]]) -> None:
        """Drop relations given as (relation, "table" | "view"), if they exist, in whatever order."""
        listed = [relation for relation, _ in relations]
        statements = drop_statements(self, listed) if listed else ()
        if statements:
            self.send(";\n".join(statements))

    def python_session(self) -> object:
        """The connection, as a Python model's `session`."""
        return self._connection

    def table(self, relation: Relation) -> object:
        """A DuckDB relation with `.df()`, `.arrow()`, `.pl()` over the rows as they are now."""
        from dryland.engines.postgres_frames import frame_of

        return frame_of(self, relation)

    @contextmanager
    def apart(self) -> Iterator[PostgresSession]:
        """Another session, for what others have to see before this one's transaction ends."""
        other = PostgresSession(connected(self.settings), self.settings, self._types)
        try:
            yield other
        finally:
            other.connection.close()
