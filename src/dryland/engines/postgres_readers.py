"""Binds others' views to what comes instead of what they read, and leaves them the views that they were.

PostgreSQL binds a view to relations, and not to names. Where a relation goes and another takes its name, we set the old
one aside, say the queries of its readers once more, so that the names in them mean the new one, and drop the old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dryland.engines.postgres_catalogue import listed
from dryland.engines.postgres_names import quoted, rendered
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.relation import BoundView, Relation
from dryland.engines.statement import Asked
from dryland.errors import InTheWayError, QueryError
from dryland.values import dataclass

READS = """
    pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
"""  # r.ev_class is the view, d.refobjid what it reads
HINT = "nothing was changed. Drop that view or have it changed, keep the columns that it reads, and apply again."


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody's view that reads one of the relations asked about."""

    name: Relation
    kind: str  # `v`, or `m` for a materialised one
    query: str
    may_change: bool
    options: tuple[str, ...] = ()  # such as `security_barrier=true`

    @property
    def statement(self) -> str:
        """What says its query once more."""
        options = f" WITH ({', '.join(self.options)})" if self.options else ""
        return f"CREATE OR REPLACE VIEW {rendered(self.name)}{options} AS {self.query}"


def readers_of(session: Asked, oids: Iterable[int], database: str) -> tuple[Reader, ...]:
    """The views that read these relations directly, each once; names in their queries are written in full.

    The caller has set the search path to nothing: PostgreSQL leaves out the schemas that are in it.
    """
    wanted = ", ".join(str(oid) for oid in sorted(set(oids)))
    if not wanted:
        return ()
    query = f"""
        SELECT n.nspname, v.relname, v.relkind::text, pg_catalog.pg_get_viewdef(v.oid),
            pg_catalog.pg_has_role(v.relowner, 'USAGE'), coalesce(v.reloptions, '{{}}')
        FROM pg_catalog.pg_class v JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
        WHERE v.oid IN (SELECT r.ev_class FROM {READS} WHERE d.refobjid IN ({wanted})) AND v.relkind IN ('v', 'm')
        ORDER BY v.oid
    """
    return tuple(
        Reader(Relation(database, schema, name), kind, sql.rstrip().rstrip(";"), may_change, tuple(options))
        for schema, name, kind, sql, may_change, options in session.fetch(query).rows
    )


def bound_to(session: Asked, names: Iterable[Relation]) -> tuple[BoundView, ...]:
    """The views that read relations of these names directly, with the columns that they read, in one query."""
    wanted = sorted(set(names))
    if not wanted:
        return ()
    query = f"""
        SELECT n.nspname, v.relname, asked.schema_name, asked.table_name, v.relkind = 'v'
            AND pg_catalog.pg_has_role(v.relowner, 'USAGE'),
            coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attnum > 0), '{{}}')
        FROM {READS} JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
        JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
        JOIN pg_catalog.pg_class c ON c.oid = d.refobjid JOIN pg_catalog.pg_namespace m ON m.oid = c.relnamespace
        JOIN {listed(wanted)} ON m.nspname = asked.schema_name AND c.relname = asked.table_name
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
        WHERE v.relkind IN ('v', 'm')
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4
    """
    database = wanted[0].database
    return tuple(
        BoundView(
            Relation(database, schema, name), Relation(database, schema_read, name_read), tuple(columns), can_be_bound
        )
        for schema, name, schema_read, name_read, can_be_bound, columns in session.fetch(query).rows
    )  # fmt: skip


def verify_bindable(readers: Iterable[Reader]) -> None:
    """Say which of them cannot be bound to something else.

    Raises:
        InTheWayError: there is one; nothing is changed.
    """
    for reader in readers:
        if reader.kind == "m":
            raise refused(reader, "is a materialised view, which cannot be bound to what comes instead")
        if not reader.may_change:
            raise refused(reader, "is somebody else's view, as whom we cannot act")


def set_aside(session: PostgresSession, names: Iterable[Relation]) -> list[Relation]:
    """Free these names of views; what stood there stays, under other names, until nobody is bound to it."""
    aside = []
    for number, name in enumerate(sorted(names)):
        away = replace(name, name=f"dryland_aside_{number}")
        session.execute(f"ALTER VIEW {rendered(name)} RENAME TO {quoted(away.name)}")
        aside.append(away)
    return aside


def bind(session: PostgresSession, readers: Iterable[Reader], moved: Mapping[Relation, Relation]) -> None:
    """Say readers' queries once more: the names in them mean what stands there now.

    Raises:
        InTheWayError: one of them cannot read what comes instead.
    """
    for reader in readers:
        now = replace(reader, name=moved.get(reader.name, reader.name))
        try:
            session.execute(now.statement)
        except QueryError as error:
            if error.transient:
                raise
            raise refused(reader, f"cannot read what comes instead: {error.message}") from error


def refused(reader: Reader, why: str) -> InTheWayError:
    """The error that stops a publication for a reader's sake."""
    return InTheWayError(
        f"{reader.name} reads what would change, and {why}.", objects=(str(reader.name),), hint=HINT
    )  # fmt: skip
