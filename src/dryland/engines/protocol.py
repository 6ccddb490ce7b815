"""Says what every warehouse must be able to do, and nothing more.

An `Engine` owns the connection; a `Session` is one thread's conversation with it. Everything above
speaks to these two only, so no other room knows a driver. Queries arrive as SQL text in the engine's
dialect that `sql` or `project` has already taken apart and put together again; names arrive as
`Relation`s and are quoted here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from dryland.engines.plugin_source import PluginSource
from dryland.engines.publication import Publication
from dryland.engines.read_only import Bounds, Stream
from dryland.engines.relation import BoundView, Column, Found, Relation, Storage
from dryland.engines.statement import Remark, Rows


class Session(Protocol):
    """One thread's conversation with the warehouse; not shared between threads."""

    remark: Remark
    storage: Storage  # of the tables that are made from here on
    makes_at_once: bool  # whether one statement makes a table or view, all or nothing, ready to be read

    def execute(self, sql: str) -> int:
        """Run one statement; return the rows it changed, or -1 when unknown."""
        ...

    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        """Run one query and return its rows."""
        ...

    def fetch_inside(self, sql: str) -> Rows:
        """Run statements of somebody else within the caller's transaction; return the rows of the last.

        Those that would begin or commit a transaction are passed over.

        Raises:
            QueryError: one would roll the transaction back.
        """
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what happens inside, or roll it back when it raises."""
        ...

    def attempt(self) -> AbstractContextManager[None]:
        """Let what happens inside fail by itself: an open transaction goes on, where the warehouse can do that."""
        ...

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        ...

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, as this session sees it; in one query."""
        ...

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, as this session sees them; in one query."""
        ...

    def collates(self) -> bool:
        """Whether any column here has a collation of its own: then equal values need not compare equal."""
        ...

    def create_schema(self, schemas: Iterable[tuple[str, str]]) -> None:
        """Make sure that these (database, schema) pairs exist."""
        ...

    def create_table_as(self, target: Relation, query: str) -> None:
        """Build `target` from a query, atomically, in place of any leftover of that name."""
        ...

    def rows_made(self, target: Relation) -> int | None:
        """With how many rows this session made a table of a query; None when that is unknown. They may have changed."""
        ...

    def create_view(self, target: Relation, query: str) -> None:
        """Create or replace the view `target`."""
        ...

    def load(self, target: Relation, data: object, types: Mapping[str, str] | None = None) -> None:
        """Build `target` from a pandas or polars frame, an Arrow table or reader, or the engine's own relation."""
        ...

    def load_csv(self, target: Relation, path: str, types: Mapping[str, str], delimiter: str = ",") -> None:
        """Build `target` from a CSV file with a header; `types` fixes every column's type (name -> type)."""
        ...

    def copy_to_file(self, query: str, path: str, options: Mapping[str, str] | None = None) -> int:
        """Write a query's rows to a file, or to a folder if the options say so, in place of what is there.

        Without options it is a CSV file (with header) or a Parquet file, by its ending. Returns how many rows.
        """
        ...

    def clone_table(self, source: Relation, target: Relation) -> None:
        """Build `target` as a copy of `source` that can change on its own."""
        ...

    def finish(self, target: Relation) -> None:
        """Make a table that is filled ready to be read: its indexes, and what the warehouse wants to know of it."""
        ...

    def drop(self, relations: Iterable[tuple[Relation, str]]) -> None:
        """Drop relations given as (relation, "table" | "view"), if they exist."""
        ...

    def interrupt(self) -> None:
        """Stop the running statement, if there is one; called from another thread."""
        ...

    def python_session(self) -> object:
        """What a Python model gets as `session` (for DuckDB: the connection)."""
        ...

    def table(self, relation: Relation) -> object:
        """What a Python model gets from `dbt.ref` (for DuckDB: a relation with `.df()`, `.arrow()`, `.pl()`)."""
        ...


class Others(Protocol):
    """Those who use the warehouse at the same time, as one who must not be disturbed sees them."""

    def no_writers(self) -> AbstractContextManager[bool]:
        """Within it nobody writes, if that comes to be soon enough; says whether it did."""
        ...

    def alone(self) -> AbstractContextManager[bool]:
        """Within it, for who has no writers already, nobody asks; says whether it came to be soon enough."""
        ...


class Engine(Protocol):
    """One open warehouse."""

    name: str  # "duckdb"
    dialect: str  # sqlglot's name of the dialect
    database: str  # the database that models go to when nothing else is said
    files: Path  # the folder of builds that are files
    name_bytes_max: int | None  # longer names are refused; None: there is no limit
    is_shared: bool  # whether several processes can be at work in it at once

    def session(self) -> AbstractContextManager[Session]:
        """A session for the calling thread."""
        ...

    def close(self) -> None:
        """Let go of the warehouse."""
        ...

    def cancel(self) -> None:
        """Stop every running statement of every session (from another thread)."""
        ...

    def spare_threads(self, read: Iterable[Relation]) -> bool:
        """Told before much is done at once that reads these: give each statement one thread, if all of them are small.

        Returns whether that is so from here on.
        """
        ...

    def use_threads(self) -> None:
        """Use all threads again."""
        ...

    def spare_memory(self, others: Others) -> None:
        """Told after something small was made: write down what is in memory and let go of it, where it is much."""
        ...

    def write_down(self) -> None:
        """Told when all is written that a release writes: put it where it stays, beside what the process does next."""
        ...

    def render(self, relation: Relation) -> str:
        """The quoted name for use in SQL."""
        ...

    def unquoted(self, name: str) -> str:
        """What the warehouse makes of a name that is written without quotes."""
        ...

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query."""
        ...

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        ...

    def bound_views(self, names: Iterable[Relation]) -> tuple[BoundView, ...]:
        """The views of others that are bound to one of these relations; none where views read names. In one query."""
        ...

    def reading(self, format: str, path: str, options: Mapping[str, Any]) -> str:  # noqa: A002 - as in dbt
        """The expression that reads files of a format (csv, json, parquet), to stand in a FROM."""
        ...

    def read_only(self, sql: str, bounds: Bounds) -> AbstractContextManager[Stream]:
        """The answer to a stranger's query: exactly one that reads, in a transaction that cannot write.

        Raises:
            QueryError: it is something else, or fails.
            StepTimeoutError: it takes longer than its bounds allow.
        """
        ...

    def sweep_files(self, builds: Collection[str]) -> tuple[str, ...]:
        """Remove the files of all builds but these; return the names of those that are gone."""
        ...

    def load_source(self, plugin: str, source: PluginSource) -> None:
        """Make a source's table of what a plugin of the profile gives for it.

        Raises:
            UnsupportedError: there is no such plugin here.
        """
        ...

    def file_marks(self, expressions: Iterable[str]) -> dict[str, str]:
        """What the files behind such expressions are like; equal marks mean that nothing changed in them.

        An expression is left out when the engine cannot tell.
        """
        ...

    def publish(self, publication: Publication) -> None:
        """Swap all views, drop, move and note (environment, release, fence) in the warehouse, in one transaction.

        Raises:
            FencedError: a larger fence is noted of the environment; nothing is changed.
        """
        ...

    def complete(self, publication: Publication) -> None:
        """Do what of a publication comes after its note: nothing, where one transaction can hold all of it."""
        ...

    def published(self) -> dict[str, str]:
        """Environment -> release, as noted by the last `publish` that committed; what crash recovery trusts."""
        ...

    def fence(self, environment: str, fence: int) -> None:
        """Note a fence, so that nobody with a smaller one publishes any more; the release that is noted stays.

        Raises:
            FencedError: a larger one is noted.
        """
        ...

    def evict(self, process: str) -> None:
        """End the sessions of a process from which another took over, as far as they may be ended.

        What they have begun is undone: it could stand in the way for as long as a machine sleeps.
        """
        ...

    def forget(self, environment: str) -> None:
        """Drop the note of what an environment shows (it was removed); its fence stays."""
        ...

    def infer_seed_types(self, path: str, delimiter: str, declared: Mapping[str, str]) -> dict[str, str]:
        """The type of every column of a CSV file: as declared, else what dbt would infer."""
        ...

    def syntax_error(self, sql: str) -> tuple[str, int] | None:
        """The engine's own opinion of a statement: (message, line), or None when it parses."""
        ...
