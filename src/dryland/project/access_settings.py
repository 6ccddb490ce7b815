"""Reads `access:` of dryland.yml: who may read what, how people sign in, and how much one query may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import pydantic

from dryland.errors import ConfigError
from dryland.project.access_rules import AccessLimits, AccessSettings, Oidc, Role, Rule, Sight


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True)


class RuleFile(_Part):
    """Who sees which datasets how; the first rule that is about both decides."""

    to: list[str] = pydantic.Field(description="Roles, groups, or `person:NAME`; `*` is everybody.", min_length=1)
    select: str = pydantic.Field("", description="Datasets, in dbt's selectors; empty is all of them.")
    deny: bool = False
    columns: list[str] = pydantic.Field([], description="Only these; empty is all of them.")
    hide: list[str] = pydantic.Field([], description="All but these.")
    masks: dict[str, Sight] = pydantic.Field({}, description="How single columns are seen.")
    pii: Sight | None = pydantic.Field(None, description="How columns with personal data are seen.")


class OidcFile(_Part):
    """An OpenID Connect provider with which people sign in."""

    issuer: str
    client_id: str
    client_secret: str = pydantic.Field("", repr=False)
    scopes: list[str] = ["openid", "email", "profile"]
    name_claim: str = pydantic.Field("email", description="The claim that is a person's name here.")
    roles_claim: str = pydantic.Field("groups", description="The claim that lists what a person is there.")
    roles: dict[str, Role] = pydantic.Field({}, description="What somebody is there -> role here.")
    default_role: Role | None = pydantic.Field(None, description="Of people whom no role is given; empty refuses them.")


class LimitsFile(_Part):
    """How much one query may have."""

    rows: int = pydantic.Field(10_000, ge=1, description="In the console and on pages.")
    export_rows: int = pydantic.Field(1_000_000, ge=1)
    megabytes: int = pydantic.Field(256, ge=1, description="Of rows that are given out.")
    seconds: float = pydantic.Field(30, gt=0, le=3600)


class AccessFile(_Part):
    """All of `access:`."""

    default: Literal["all", "none"] = pydantic.Field("all", description="What people read of whom no rule speaks.")
    groups: dict[str, list[str]] = pydantic.Field({}, description="Group -> names of people.")
    pii: Sight = pydantic.Field("hash", description="How columns with personal data are seen, unless a rule says.")
    rules: list[RuleFile] = []
    functions: list[str] = pydantic.Field([], description="The team's own SQL functions that queries may call.")
    reader_role: str = pydantic.Field("", description="A role of the warehouse that may only read, for queries.")
    key: str = pydantic.Field("", repr=False, description="What tokens and pseudonyms are hashed with: env_var(...).")
    audit_days: int = pydantic.Field(400, ge=1)
    sign_in: bool = pydantic.Field(False, description="Whether people sign in also on the portal's own machine.")
    session_hours: float = pydantic.Field(12, gt=0)
    idle_minutes: float = pydantic.Field(60, gt=0)
    limits: LimitsFile = LimitsFile()  # type: ignore[call-arg]
    oidc: OidcFile | None = None


ACCESS_PARTS: Mapping[str, type[pydantic.BaseModel]] = {"rules": RuleFile, "oidc": OidcFile, "limits": LimitsFile}
"""Key below `access` -> what may stand there."""


def access_of(file: AccessFile, text: Mapping[str, str], lines: Mapping[int, int]) -> AccessSettings:
    """The settings; `text` has what was rendered of `key` and `client_secret`, `lines` where each rule stands.

    Raises:
        ConfigError: a rule is about a group that there is not: it would be about nobody, and a denial among them.
    """
    for number, rule in enumerate(file.rules):
        _verify_known(rule, file, lines.get(number, 1))
    return AccessSettings(
        default=file.default,
        groups={group: tuple(people) for group, people in file.groups.items()},
        pii=file.pii,
        rules=tuple(_rule(each, lines.get(number, 1)) for number, each in enumerate(file.rules)),
        functions=tuple(file.functions),
        reader_role=file.reader_role,
        key=text.get("key", ""),
        audit_days=file.audit_days,
        sign_in=file.sign_in,
        session_hours=file.session_hours,
        idle_minutes=file.idle_minutes,
        limits=AccessLimits(
            file.limits.rows, file.limits.export_rows, file.limits.megabytes * 1_000_000, file.limits.seconds
        ),
        oidc=_oidc(file.oidc, text.get("client_secret", "")) if file.oidc else None,
    )


def _rule(file: RuleFile, line: int) -> Rule:
    return Rule(
        tuple(file.to), file.select, file.deny, tuple(file.columns), tuple(file.hide), dict(file.masks), file.pii, line
    )


def _verify_known(rule: RuleFile, file: AccessFile, line: int) -> None:
    """Groups of a provider are its own: with one, any word may be a group."""
    known = ("*", *get_args(Role), *file.groups)
    unknown = [word for word in rule.to if word not in known and not word.startswith("person:")]
    if unknown and file.oidc is None:
        raise ConfigError(
            f"a rule of `access` is to `{unknown[0]}`, which is no role and no group.", path="dryland.yml", line=line,
            hint=f"there are: {', '.join(known)}; a person is `person:{unknown[0]}`.",
        )  # fmt: skip


def _oidc(file: OidcFile, secret: str) -> Oidc:
    return Oidc(
        file.issuer, file.client_id, secret, tuple(file.scopes), file.name_claim, file.roles_claim, dict(file.roles),
        file.default_role,
    )  # fmt: skip
