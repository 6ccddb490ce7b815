"""Defines who somebody is, and what his roles let him do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from getpass import getuser
from typing import Literal

from dryland.errors import RightsError
from dryland.project.access_rules import Role
from dryland.values import dataclass

Permission = Literal[
    "look",  # catalogue, lineage, checks, releases, incidents: everything but rows
    "read",  # rows of the datasets that the rules let him read: samples and exports
    "query",  # SQL of his own over them
    "handle",  # incidents: acknowledge, assign, comment, resolve
    "release",  # apply, run, roll back
    "administer",  # people, tokens of others, the audit log
]
ROLES: Mapping[Role, frozenset[Permission]] = {
    "viewer": frozenset({"look", "read"}),
    "analyst": frozenset({"look", "read", "query"}),
    "engineer": frozenset({"look", "read", "query", "handle", "release"}),
    "admin": frozenset({"look", "read", "query", "handle", "release", "administer"}),
}
"""Role -> what it lets somebody do. Which rows and columns he sees is said by the rules, whatever his role."""
PERMISSIONS: frozenset[Permission] = ROLES["admin"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks; `scopes` are what the token that he came with is good for, None where it was none."""

    name: str
    roles: tuple[Role, ...] = ()
    groups: tuple[str, ...] = ()
    scopes: frozenset[str] | None = None
    via: str = "cli"  # session, token:<id>, local, cli
    is_local: bool = False  # whoever sits at the machine: he could open the warehouse itself, and sees all of it

    def may(self, permission: Permission) -> bool:
        """Whether his roles let him do this, and his token is good for it."""
        is_in_role = self.is_local or any(permission in ROLES.get(role, ()) for role in self.roles)
        return is_in_role and (self.scopes is None or permission in self.scopes)

    def verify_may(self, permission: Permission) -> None:
        """Say no where he may not.

        Raises:
            RightsError: he may not do this.
        """
        if not self.may(permission):
            raise RightsError(
                f"{self.name or 'nobody'} may not do this: it takes the right to `{permission}`.",
                hint=f"roles that have it: {', '.join(role for role, all_ in ROLES.items() if permission in all_)}.",
            )

    def is_meant(self, words: Collection[str], groups: Mapping[str, Collection[str]]) -> bool:
        """Whether a rule that is `to` these is about him."""
        if "*" in words or f"person:{self.name}" in words or any(role in words for role in self.roles):
            return True
        his = {*self.groups, *(group for group, people in groups.items() if self.name in people)}
        return any(group in words for group in his if is_group(group))


def is_group(name: str) -> bool:
    """Whether a name can be a group's: what a provider calls its groups must not read as a role or a person here."""
    return name not in ROLES and name != "*" and not name.startswith("person:")


def local_person() -> Person:
    """Whoever uses the command line here: he has the project's files, and with them everything."""
    return Person(getuser(), ("admin",), via="cli", is_local=True)


LOCAL = Person("local", ("admin",), via="local", is_local=True)
"""Who asks where nobody signs in: on loopback."""
