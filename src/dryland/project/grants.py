"""Reads who may use what readers see of a node: dbt's configuration `grants`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.config import as_list
from dryland.values import dataclass

WORDS = re.compile(r"[A-Za-z_]\w*( +[A-Za-z_]\w*)*")
HINT = "grants: {select: [reporting, analysts]}"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do something with what readers see: exact names of roles; `public` is everybody."""

    privilege: str  # select, insert, ...: in lower case
    roles: tuple[str, ...]


def parse_grants(said: Any) -> tuple[Grant, ...]:
    """Who may do what; where a privilege names nobody, nobody is to have it.

    >>> parse_grants({"SELECT": ["Reporting", '"Ana B"'], "insert": []})
    (Grant(privilege='select', roles=('reporting', 'Ana B')), Grant(privilege='insert', roles=()))

    Raises:
        ConfigError: it is no mapping of privileges to names.
    """
    if said is not None and not isinstance(said, Mapping):
        raise ConfigError(f"`grants` says who may do what, not `{said}`.", hint=HINT)
    found = []
    for privilege, people in (said or {}).items():
        if not WORDS.fullmatch(str(privilege)):
            raise ConfigError(f"`{privilege}` is no privilege.", hint=HINT)
        roles = as_list(people)
        if not all(isinstance(role, str) and role.strip() for role in roles):
            raise ConfigError(f"`{privilege}` is granted to a list of names, not to `{people}`.", hint=HINT)
        names = tuple(dict.fromkeys(_role(role.strip()) for role in roles))
        found.append(Grant(" ".join(str(privilege).lower().split()), names))
    return tuple(found)


def _role(written: str) -> str:
    """A role's own name: dbt writes it into SQL as it is, where quotes keep its case and nothing else does."""
    if len(written) > 1 and written[0] == written[-1] == '"':
        return written[1:-1].replace('""', '"')
    return written.lower()
