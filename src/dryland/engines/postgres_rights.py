"""Says which right is missing where PostgreSQL refuses something, and the statement that gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dryland.engines.postgres_names import quoted

MISSING = "42501"  # insufficient privilege
MAKES_SCHEMA = re.compile(r'CREATE SCHEMA IF NOT EXISTS ("(?:[^"]|"")+")')
NO_TEMPORARY = re.compile(r'permission denied to create temporary tables in database "(?P<name>.+)"')
NO_ROLE = re.compile(r'(?:permission denied to|must be able to) set role "(?P<name>.+)"', re.IGNORECASE)
DENIED = re.compile(
    r"permission denied for (?P<kind>database|schema|table|view|materialized view|sequence|function) (?P<name>.+)"
)
NOT_OWNER = re.compile(r"must be owner of (?P<kind>[a-z ]+?) (?P<name>.+)")
DOCS = "docs/postgres-roles.md lists what Dryland's role needs."


def missing_right(message: str, sql: str, role: str) -> str:
    """A hint that names the right and the statement for somebody who may give it.

    >>> print(missing_right("permission denied for schema main", "select 1", "build"))
    `grant usage on schema "main" to "build"` lets it read there, `grant usage, create ...` also make tables and views.
    docs/postgres-roles.md lists what Dryland's role needs.
    """
    hint = _hint(message, sql, quoted(role) if role else "...")
    return f"{hint}\n{DOCS}" if hint else DOCS


def _hint(message: str, sql: str, role: str) -> str:
    if found := NO_TEMPORARY.search(message):
        return f"`grant temporary on database {quoted(found['name'])} to {role}` lets it make temporary tables."
    if found := NO_ROLE.search(message):
        return f"`grant {quoted(found['name'])} to {role}` lets it act as that role."
    if found := DENIED.search(message):
        return DENIED_HINTS.get(found["kind"], _on_relation)(found["name"], sql, role)
    if found := NOT_OWNER.search(message):
        return (
            "it belongs to another role: let the profile's `role` be that one, or say "
            f"`alter {found['kind']} {_in_full(found['name'], sql)} owner to {role}`."
        )
    return ""


def _on_database(name: str, sql: str, role: str) -> str:
    schemas = MAKES_SCHEMA.findall(sql)
    made = "; ".join(f"create schema {schema} authorization {role}" for schema in schemas)
    given = f"`grant create on database {quoted(name)} to {role}`"
    return f"`{made}` makes what is missing; {given} lets it make schemas itself." if made else f"{given} is missing."


def _on_schema(name: str, sql: str, role: str) -> str:
    return (
        f"`grant usage on schema {quoted(name)} to {role}` lets it read there, `grant usage, create ...` also make "
        "tables and views."
    )


def _on_relation(name: str, sql: str, role: str) -> str:
    return f"`grant select on {_in_full(name, sql)} to {role}` lets it read, `insert` and others change it."


def _on_function(name: str, sql: str, role: str) -> str:
    return f"`grant execute on function {quoted(name)} to {role}` lets it call that."


DENIED_HINTS: Mapping[str, Callable[[str, str, str], str]] = {
    "database": _on_database, "schema": _on_schema, "function": _on_function,
}  # fmt: skip
"""Kind of object -> what is said of it; all others are relations."""


def _in_full(name: str, sql: str) -> str:
    """A relation as the statement names it; PostgreSQL leaves out where it stands."""
    found = re.search(rf'"(?:[^"]|"")+"\."(?:[^"]|"")+"\.{re.escape(quoted(name))}', sql)
    return found[0] if found else quoted(name)
