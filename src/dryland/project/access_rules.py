"""Defines what `access:` of dryland.yml says: who reads what, how people sign in, how much a query may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from dryland.values import dataclass

Role = Literal["viewer", "analyst", "engineer", "admin"]
Sight = Literal["plain", "null", "hash", "partial", "last4", "hidden"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who sees which datasets how."""

    to: tuple[str, ...]
    select: str = ""
    is_denial: bool = False
    columns: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    masks: Mapping[str, Sight] = field(default_factory=dict)
    pii: Sight | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Oidc:
    """A provider, and what its claims mean here."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    name_claim: str
    roles_claim: str
    roles: Mapping[str, Role]
    default_role: Role | None


@dataclass(frozen=True, slots=True)
class AccessLimits:
    """How much one query may have."""

    rows: int = 10_000
    export_rows: int = 1_000_000
    bytes: int = 256_000_000
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """What `access:` says."""

    default: Literal["all", "none"] = "all"
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pii: Sight = "hash"
    rules: tuple[Rule, ...] = ()
    functions: tuple[str, ...] = ()
    reader_role: str = ""
    key: str = field(default="", repr=False)
    audit_days: int = 400
    sign_in: bool = False
    session_hours: float = 12
    idle_minutes: float = 60
    limits: AccessLimits = field(default_factory=AccessLimits)
    oidc: Oidc | None = None
