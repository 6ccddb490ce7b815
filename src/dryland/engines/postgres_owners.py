"""Makes sure that readers can read what is published: a view reads with the rights of its owner."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.engines.postgres_names import literal, quoted, rendered
from dryland.engines.relation import Relation
from dryland.engines.statement import Asked
from dryland.errors import InTheWayError


def verify_readable(session: Asked, views: Mapping[Relation, Relation]) -> None:
    """Say which views' owners may not read the builds that these views show; called before that is committed.

    Raises:
        InTheWayError: there is one. Its readers would have got an error from here on.
    """
    if not views:
        return
    pairs = ", ".join(
        f"({literal(name.schema)}, {literal(name.name)}, {literal(build.schema)}, {literal(build.name)})"
        for name, build in views.items()
    )
    query = f"""
        SELECT n.nspname, v.relname, pg_catalog.pg_get_userbyid(v.relowner), current_user::text
        FROM (VALUES {pairs}) AS asked(schema_name, view_name, build_schema, build_name)
        JOIN pg_catalog.pg_namespace n ON n.nspname = asked.schema_name
        JOIN pg_catalog.pg_class v ON v.relnamespace = n.oid AND v.relname = asked.view_name
        JOIN pg_catalog.pg_namespace s ON s.nspname = asked.build_schema
        JOIN pg_catalog.pg_class b ON b.relnamespace = s.oid AND b.relname = asked.build_name
        WHERE NOT pg_catalog.has_schema_privilege(v.relowner, s.oid, 'USAGE')
            OR NOT pg_catalog.has_table_privilege(v.relowner, b.oid, 'SELECT')
        ORDER BY 1, 2
    """
    found = session.fetch(query).rows
    if not found:
        return
    database = next(iter(views)).database
    names = [Relation(database, schema, name) for schema, name, _, _ in found]
    _, _, owner, us = found[0]
    raise InTheWayError(
        f"nobody could read {', '.join(map(str, names))}: the views belong to {owner}, who may not read the builds.",
        objects=tuple(map(str, names)),
        hint=f"nothing was published. `alter view {rendered(names[0])} owner to {quoted(us)}`: a view reads with the "
        "rights of its owner.",
    )  # fmt: skip
