"""Writes who may do what with a published view."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.engines.postgres_names import quoted
from dryland.engines.postgres_standing import Standing
from dryland.engines.publication import Grants
from dryland.errors import ConfigError

PRIVILEGES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"})


def as_before(name: str, view: Standing) -> Iterator[str]:
    """Give a view that is made anew to those who had the one before it."""
    yield f"ALTER VIEW {name} OWNER TO {quoted(view.owner)}"
    for privilege, role, is_grantable in view.grants:
        yield f"GRANT {privilege} ON {name} TO {_role(role)}{' WITH GRANT OPTION' if is_grantable else ''}"


def granted(name: str, wanted: Grants, before: Standing) -> Iterator[str]:
    """Bring a view's grants to what is wanted: what is not wanted is revoked, as dbt does.

    Raises:
        ConfigError: PostgreSQL has no such privilege.
    """
    had = {(privilege, role) for privilege, role, _ in before.grants}
    want = _pairs(wanted)
    for privilege, role in sorted(had - want):
        yield f"REVOKE {privilege} ON {name} FROM {_role(role)} CASCADE"
    for privilege, role in sorted(want - had):
        yield f"GRANT {privilege} ON {name} TO {_role(role)}"


def revoked(name: str, granted_before: Grants, before: Standing) -> Iterator[str]:
    """Take back what we had granted, where nothing is said of grants any more.

    We let nobody grant on: what may be is somebody else's doing, and stays.
    """
    had = {(privilege, role) for privilege, role, is_grantable in before.grants if not is_grantable}
    for privilege, role in sorted(had & _pairs(granted_before)):
        yield f"REVOKE {privilege} ON {name} FROM {_role(role)}"


def _pairs(grants: Grants) -> set[tuple[str, str]]:
    return {
        (_privilege(privilege), "" if role.lower() == "public" else role)
        for privilege, roles in grants.items() for role in roles
    }  # fmt: skip


def _privilege(written: str) -> str:
    privilege = written.upper()
    if privilege not in PRIVILEGES:
        raise ConfigError(f"PostgreSQL has no privilege `{written}`.", hint=f"it has {', '.join(sorted(PRIVILEGES))}.")
    return privilege


def _role(role: str) -> str:
    return quoted(role) if role else "PUBLIC"
