"""Plays on DuckDB: a file in each copy of a project, and what its readers see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml
from published import OURS, Published, Rows

WAREHOUSE = "warehouse.duckdb"
LITTER = re.compile(r"__dbt_tmp\d{14,}$")  # what dbt leaves behind of an incremental Python model
RELATIONS = """
    select database_name, schema_name, table_name, comment from duckdb_tables() where not internal and not temporary
    union all
    select database_name, schema_name, view_name, comment from duckdb_views() where not internal and not temporary
    order by 1, 2, 3
    """
COLUMNS = """
    select database_name, schema_name, table_name, column_name, data_type, comment
    from duckdb_columns() where not internal order by 1, 2, 3, column_index
    """


class OnDuckDB:
    """A warehouse that is one file, and the databases that its profile attaches."""

    kind = "duckdb"

    def target(self) -> dict[str, Any]:
        """The target of every profile."""
        return {"type": "duckdb", "path": WAREHOUSE, "schema": "main", "threads": 1}

    @contextmanager
    def standing(self, *copies: Path) -> Iterator[None]:
        """Nothing to do: whoever opens a file makes it."""
        yield

    @contextmanager
    def at_work_in(self, copy: Path) -> Iterator[None]:
        """Nothing to do: every copy has its own file."""
        yield

    def change(self, copy: Path, statements: Sequence[str]) -> None:
        """Somebody else writes to a copy's warehouse."""
        with opened(copy) as connection:
            for statement in statements:
                connection.execute(statement)

    def published(
        self, copy: Path, blotted: Mapping[str, Collection[str]], resorted: Collection[str] = ()
    ) -> dict[str, Published]:
        """Everything that readers see, by name; of `resorted` the columns by their names."""
        with opened(copy) as connection:
            own = connection.execute("select current_database()").fetchall()[0][0]
            columns: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
            for database, schema, table, name, kind, comment in connection.execute(COLUMNS).fetchall():
                columns.setdefault((database, schema, table), []).append((name, kind, comment or ""))
            seen = {}
            for database, schema, table, comment in connection.execute(RELATIONS).fetchall():
                if schema == OURS or LITTER.search(table):
                    continue
                name = ".".join((schema, table) if database == own else (database, schema, table))
                place = (database, schema, table)
                there = sorted(columns[place]) if name in resorted else columns[place]
                seen[name] = _published(connection, name, place, there, comment or "", blotted.get(name, ()))
            return seen

    def rows(self, copy: Path, relation: Published, blotted: Collection[str]) -> Rows:
        """Every row with how often it is there, but for the columns that are not compared."""
        with opened(copy) as connection:
            cursor = connection.execute(f"select * from {_path(relation.place)}")
            kept = [index for index, column in enumerate(cursor.description or ()) if column[0] not in blotted]
            return Counter(tuple(repr(row[index]) for index in kept) for row in cursor.fetchall())


@contextmanager
def opened(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a copy, with the databases that its profile attaches."""
    with chdir(folder), duckdb.connect(WAREHOUSE) as connection:
        for each in _output(folder).get("attach", []):
            connection.execute(f"attach '{each['path']}' as \"{each['alias']}\"")
        yield connection


def _published(
    connection: duckdb.DuckDBPyConnection, name: str, place: tuple[str, str, str],
    columns: Sequence[tuple[str, str, str]], comment: str, blotted: Collection[str],
) -> Published:  # fmt: skip
    hashed = ", ".join(_quoted(column) for column, _, _ in columns if column not in blotted)
    described = tuple((column, kind) for column, kind, _ in columns)
    said = tuple((of, text) for of, text in (("", comment), *((c, text) for c, _, text in columns)) if text)
    query = f"select count(*), coalesce(sum(hash({hashed or '0'})::hugeint), 0) from {_path(place)}"
    try:
        rows, content = connection.execute(query).fetchall()[0]
    except duckdb.Error as error:
        return Published(name, place, described, -1, 0, said, str(error).splitlines()[0])
    return Published(name, place, described, rows, content, said)


def _output(folder: Path) -> Mapping[str, Any]:
    profile = yaml.safe_load((folder / "profiles.yml").read_text())["conformance"]
    output: Mapping[str, Any] = profile["outputs"][profile["target"]]
    return output


def _path(parts: Sequence[str]) -> str:
    return ".".join(_quoted(part) for part in parts)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
