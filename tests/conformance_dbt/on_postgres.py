"""Plays on PostgreSQL: a database for each copy of a project, and what its readers see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from published import OURS, Published, Rows

from postgres_server import Server

WAREHOUSE = "warehouse"  # what the database of a copy is called while somebody works in it: names are part of rows
ROLES = ("a", "b", "c", "z", "reporter", "analyst", "Weird Role")  # to whom projects grant; of the whole server
RELATIONS = f"""
    select c.oid, n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), '')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p') and n.nspname !~ '^pg_'
        and n.nspname not in ('information_schema', '{OURS}')
    order by 2, 3
    """
COLUMNS = """
    select attrelid, attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '')
    from pg_attribute where attnum > 0 and not attisdropped and attrelid = any(%s) order by attrelid, attnum
    """
GRANTS = """
    select c.oid, coalesce(nullif(pg_get_userbyid(a.grantee), 'unknown (OID=0)'), 'public'), lower(a.privilege_type)
    from pg_class c, aclexplode(c.relacl) a where c.oid = any(%s) and a.grantee <> c.relowner order by 1, 2, 3
    """
BEHIND = f"""
    select r.ev_class, t.oid from pg_depend d
    join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
    join pg_class t on t.oid = d.refobjid and d.refclassid = 'pg_class'::regclass and t.relkind = 'r'
    join pg_namespace n on n.oid = t.relnamespace and n.nspname = '{OURS}'
    where r.ev_class = any(%s)
    """
INDEXES = """
    select x.indrelid, pg_get_indexdef(x.indexrelid), pg_get_indexdef(x.indexrelid, 0, true)
    from pg_index x where x.indrelid = any(%s)
    """
UNLOGGED = "select oid from pg_class where relpersistence = 'u' and oid = any(%s)"


@dataclass(slots=True)
class OnPostgres:
    """A server that the tests started; two databases for every project."""

    server: Server
    kind: str = "postgres"
    databases: dict[Path, str] = field(default_factory=dict)  # of the copies that are played

    def target(self) -> dict[str, Any]:
        """The target of every profile."""
        return {**self.server.settings(WAREHOUSE), "password": "unused", "threads": 1}

    @contextmanager
    def standing(self, *copies: Path) -> Iterator[None]:
        """A database for each copy, and roles to grant to."""
        with self.server.connect("postgres") as connection:
            for role in ROLES:
                connection.execute(sql.SQL("drop role if exists {0}; create role {0}").format(sql.Identifier(role)))
        self.databases = {copy: self.server.new_database() for copy in copies}
        try:
            for database in self.databases.values():
                self._open_main(database)
            yield
        finally:
            for database in self.databases.values():
                self.server.drop_database(database)

    @contextmanager
    def at_work_in(self, copy: Path) -> Iterator[None]:
        """A copy's database has the same name as the other's, whoever works in it."""
        self._rename(self.databases[copy], WAREHOUSE)
        try:
            yield
        finally:
            self._rename(WAREHOUSE, self.databases[copy])

    def change(self, copy: Path, statements: Sequence[str]) -> None:
        """Somebody else writes to a copy's warehouse."""
        with self.server.connect(self.databases[copy]) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def published(
        self, copy: Path, blotted: Mapping[str, Collection[str]], resorted: Collection[str] = ()
    ) -> dict[str, Published]:
        """Everything that readers see, by name; of `resorted` the columns by their names."""
        with self.server.connect(self.databases[copy]) as connection:
            found = connection.execute(RELATIONS).fetchall()
            known = _Known(connection, [oid for oid, *_ in found])
            seen = {}
            for oid, schema, table, comment in found:
                name = f"{schema}.{table}"
                place = (self.databases[copy], schema, table)
                if name in resorted:
                    known.columns[oid].sort()
                seen[name] = _published(connection, known, oid, place, comment, blotted.get(name, ()))
            return seen

    def rows(self, copy: Path, relation: Published, blotted: Collection[str]) -> Rows:
        """Every row with how often it is there, but for the columns that are not compared."""
        with self.server.connect(self.databases[copy]) as connection:
            query = sql.SQL("select {} from {}").format(_values(relation.columns, blotted), _path(relation.place))
            return Counter(tuple(map(repr, row)) for row in connection.execute(query).fetchall())

    def _open_main(self, database: str) -> None:
        """The target's schema stands, and is where names without one are looked for: so it is on DuckDB."""
        with self.server.connect(database) as connection:
            connection.execute("create schema main")
            connection.execute(
                sql.SQL("alter database {} set search_path = main, public").format(sql.Identifier(database))
            )

    def _rename(self, one: str, other: str) -> None:
        with self.server.connect("postgres") as connection:
            statement = sql.SQL("alter database {} rename to {}")
            connection.execute(statement.format(sql.Identifier(one), sql.Identifier(other)))


class _Known:
    """What the catalogue says of relations."""

    def __init__(self, connection: psycopg.Connection[Any], oids: list[int]) -> None:
        self.columns = _by_first(connection.execute(COLUMNS, [oids]).fetchall())
        self.grants = _by_first(connection.execute(GRANTS, [oids]).fetchall())
        self._behind = dict(connection.execute(BEHIND, [oids]).fetchall())
        tables = [*oids, *self._behind.values()]
        self._indexes = _by_first(connection.execute(INDEXES, [tables]).fetchall())
        self._unlogged = {oid for (oid,) in connection.execute(UNLOGGED, [tables]).fetchall()}

    def storage(self, oid: int) -> tuple[tuple[str, str], ...]:
        """The indexes of a table, or of the build behind a view, without their names; and whether it has no log."""
        table = self._behind.get(oid, oid)
        indexes = sorted(
            ("unique index" if " UNIQUE " in whole else "index", whole.partition(" USING ")[2])
            for whole, _ in self._indexes.get(table, ())
        )
        return (*indexes, *([("table", "unlogged")] if table in self._unlogged else ()))


def _published(
    connection: psycopg.Connection[Any], known: _Known, oid: int, place: tuple[str, str, str], comment: str,
    blotted: Collection[str],
) -> Published:  # fmt: skip
    columns = known.columns.get(oid, [])
    described = tuple((name, kind) for name, kind, _ in columns)
    said = tuple((of, text) for of, text in (("", comment), *((name, text) for name, _, text in columns)) if text)
    query = sql.SQL("select count(*), coalesce(sum(hashtextextended(row({})::text, 0)::numeric), 0) from {}").format(
        _values(described, blotted), _path(place)
    )
    name = ".".join(place[1:])
    try:
        counted = connection.execute(query).fetchone()
    except psycopg.Error as error:
        return Published(name, place, described, -1, 0, said, str(error).splitlines()[0])
    assert counted is not None
    rows, content = counted
    return Published(
        name, place, described, rows, int(content), said, grants=tuple(known.grants.get(oid, ())),
        storage=known.storage(oid),
    )  # fmt: skip


def _by_first(rows: Sequence[tuple[Any, ...]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for first, *rest in rows:
        found.setdefault(first, []).append(tuple(rest))
    return found


def _values(columns: Sequence[tuple[str, str]], blotted: Collection[str]) -> sql.Composable:
    kept = [sql.Identifier(name) for name, _ in columns if name not in blotted]
    return sql.SQL(", ").join(kept)


def _path(place: Sequence[str]) -> sql.Composable:
    return sql.Identifier(*place[1:])
