"""Rebuilds a whole project without any tool: every query of it is sent to DuckDB as it reads, under dbt's own names.

This is what the counts are compared with. It shares the reading of the project with Dryland (files and Jinja), and
nothing else: no keys, no store, no reuse. Incremental models and snapshots go on from the released state, as they do
under `dbt build`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dryland.plan.compose import inlined
from dryland.plan.order import topological
from dryland.project.nodes import Node
from dryland.project.project import Project
from edits.contents import Content, contents
from edits.project import write_sources

CATALOGUE = "warehouse"  # as DuckDB calls the file in profiles.yml: compiled SQL runs as it is
HASH = "md5(coalesce(cast({key} as varchar), '') || '|' || coalesce(cast({updated} as varchar), ''))"


class Rebuilt:
    """A released state in memory, on which edits are tried one after the other."""

    def __init__(self, project: Project, areas: int) -> None:
        self._connection = duckdb.connect(config={"threads": 2})
        self._connection.execute(f"attach ':memory:' as {CATALOGUE}")
        self._connection.execute(f"use {CATALOGUE}")
        write_sources(self._connection, areas)
        self._build(project)
        self.released = self._contents(project)

    def after(self, project: Project) -> Mapping[str, Content]:
        """What every table and view would hold if all of this project were built on top of the released state."""
        with self._undone():
            self._build(project)
            return self._contents(project)

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    @contextmanager
    def _undone(self) -> Iterator[None]:
        self._connection.execute("begin")
        try:
            yield
        finally:
            self._connection.execute("rollback")

    def _contents(self, project: Project) -> Mapping[str, Content]:
        stored = (node for node in project.nodes.values() if node.materialized != "ephemeral")
        return contents(self._connection, [str(node.relation) for node in stored])

    def _build(self, project: Project) -> None:
        standing = {f"{schema}.{name}": kind for schema, name, kind in self._standing()}
        for unique_id in topological(project):
            node = project.nodes[unique_id]
            if node.materialized != "ephemeral":
                self._make(node, project, standing.get(str(node.relation), ""))

    def _standing(self) -> list[tuple[str, str, str]]:
        return self._connection.execute(
            "select schema_name, table_name, 'table' from duckdb_tables() where database_name = current_database() "
            "union all select schema_name, view_name, 'view' from duckdb_views() "
            "where database_name = current_database() and not internal"
        ).fetchall()

    def _make(self, node: Node, project: Project, before: str) -> None:
        name = str(node.relation)
        goes_on = before == "table" and node.materialized in ("incremental", "snapshot")
        if not goes_on and before and before != ("view" if node.materialized == "view" else "table"):
            self._connection.execute(f"drop {before} {name}")
        if node.kind == "seed":
            self._connection.execute(f"create or replace table {name} as {_seed(node)}")
            return
        form = node.rendered_incremental if goes_on and node.rendered_incremental else node.rendered
        query = inlined(form, project, "duckdb")[0]
        if node.kind == "snapshot":
            self._snapshot(node, query, goes_on)
        elif goes_on:
            self._merge(node, query)
        else:
            kind = "view" if node.materialized == "view" else "table"
            self._connection.execute(f"create or replace {kind} {name} as {query}")

    def _merge(self, node: Node, query: str) -> None:
        """Strategy `delete+insert`; columns that are new are appended."""
        name, key = str(node.relation), node.config["unique_key"]
        self._fresh(query, name)
        self._connection.execute(f"delete from {name} where {key} in (select {key} from fresh)")
        self._connection.execute(f"insert into {name} by name from fresh")

    def _snapshot(self, node: Node, query: str, goes_on: bool) -> None:
        """Strategy `timestamp`."""
        name, key, updated = str(node.relation), node.config["unique_key"], node.config["updated_at"]
        versions = (
            f"select *, {HASH.format(key=key, updated=updated)} as dbt_scd_id, {updated} as dbt_updated_at, "
            f"{updated} as dbt_valid_from, cast(null as timestamp) as dbt_valid_to from ({query})"
        )
        if not goes_on:
            self._connection.execute(f"create or replace table {name} as {versions}")
            return
        self._fresh(versions, name)
        self._connection.execute(
            f"delete from fresh using {name} as old where old.{key} = fresh.{key} "
            "and old.dbt_valid_to is null and old.dbt_updated_at >= fresh.dbt_updated_at"
        )
        self._connection.execute(
            f"update {name} as old set dbt_valid_to = fresh.dbt_updated_at from fresh "
            f"where old.{key} = fresh.{key} and old.dbt_valid_to is null"
        )
        self._connection.execute(f"insert into {name} by name from fresh")

    def _fresh(self, query: str, name: str) -> None:
        """What the query gives, as a table beside; the table that it goes into gets the columns that are new."""
        self._connection.execute(f"create or replace temp table fresh as {query}")
        had = {row[0] for row in self._connection.execute(f"describe {name}").fetchall()}
        for column, kind, *_ in self._connection.execute("describe fresh").fetchall():
            if column not in had:
                self._connection.execute(f"alter table {name} add column {column} {kind}")
        now = {row[0] for row in self._connection.execute("describe fresh").fetchall()}
        for column in sorted(had - now):
            self._connection.execute(f"alter table fresh add column {column} varchar")


def _seed(node: Node) -> str:
    assert isinstance(node.file, Path)
    types = dict(node.config.get("column_types") or {})
    typed = f", types = {types}" if types else ""
    return f"select * from read_csv('{node.file}', header = true{typed})"
