"""Reads what stands at names that are to be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.engines.postgres_catalogue import COLLATED_TYPE, listed
from dryland.engines.postgres_names import literal
from dryland.engines.postgres_readers import READS
from dryland.engines.relation import Column, Relation
from dryland.engines.statement import Asked
from dryland.values import dataclass

STANDING = """
    SELECT n.nspname, c.relname, c.oid::bigint, c.relkind::text,
        c.relkind = 'v' AND EXISTS (
            SELECT FROM {reads} JOIN pg_catalog.pg_class s ON s.oid = d.refobjid
            WHERE r.ev_class = c.oid AND s.relnamespace = (
                SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {store}
            )
        ),
        pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.pg_get_userbyid(c.relowner),
        ARRAY(
            SELECT ARRAY[a.attname::text, {kind}]
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        ),
        ARRAY(
            SELECT ARRAY[coalesce(a.attname::text, ''), e.description] FROM pg_catalog.pg_description e
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = e.objsubid AND a.attnum > 0
            WHERE e.objoid = c.oid AND e.classoid = 'pg_catalog.pg_class'::regclass
        ),
        ARRAY(
            SELECT ARRAY[
                g.privilege_type, CASE WHEN g.grantee <> 0 THEN pg_catalog.pg_get_userbyid(g.grantee) ELSE '' END,
                CASE WHEN g.is_grantable THEN 'yes' ELSE '' END
            ]
            FROM pg_catalog.aclexplode(c.relacl) AS g WHERE g.grantee <> c.relowner
        )
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN {names} ON n.nspname = asked.schema_name AND c.relname = asked.table_name
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A table or view, as PostgreSQL tells it; empty where nothing stands."""

    oid: int = 0
    kind: str = ""  # PostgreSQL's letter: `r`, `p`, `v`, `m`, `f`
    reads_store: bool = False
    may_change: bool = False  # whether we are its owner, or may act as such
    owner: str = ""
    columns: tuple[Column, ...] = ()  # their types with collations
    comments: tuple[tuple[str, str], ...] = ()  # of the relation under "", and of its columns
    grants: tuple[tuple[str, str, bool], ...] = ()  # privilege, to whom, and whether that one may grant it on

    @property
    def is_ours(self) -> bool:
        """Whether it is a view of a build: what we publish, and may replace or drop."""
        return self.kind == "v" and self.reads_store

    def takes(self, columns: tuple[Column, ...]) -> bool:
        """Whether a view can be replaced by one of these columns: PostgreSQL lets new ones come last, and no more."""
        return columns[: len(self.columns)] == self.columns


NOTHING = Standing()


class Catalogue:
    """What stands at the names in question."""

    def __init__(self, standing: Mapping[Relation, Standing]) -> None:
        self._standing = standing

    def __contains__(self, name: Relation) -> bool:
        return name in self._standing

    def __getitem__(self, name: Relation) -> Standing:
        return self._standing.get(name, NOTHING)


def read_standing(session: Asked, names: Iterable[Relation], store_schema: str) -> Catalogue:
    """What stands at these names, in one query."""
    wanted = sorted(set(names))
    if not wanted:
        return Catalogue({})
    query = STANDING.format(reads=READS, store=literal(store_schema), names=listed(wanted), kind=COLLATED_TYPE)
    database = wanted[0].database
    return Catalogue(
        {
            Relation(database, schema, name): Standing(
                oid, kind, reads_store, may_change, owner,
                tuple(Column(*each) for each in columns), tuple((on, text) for on, text in comments),
                tuple((privilege, role, bool(grantable)) for privilege, role, grantable in grants),
            )
            for schema, name, oid, kind, reads_store, may_change, owner, columns, comments, grants in (
                session.fetch(query).rows
            )
        }
    )  # fmt: skip
