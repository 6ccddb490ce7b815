"""Remembers who may sign in, who is signed in, which tokens there are, and what was read and changed by whom.

Of passwords, tokens and sessions there are only hashes here; times are given by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, field, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dryland.state import tables
from dryland.state.connection import Connected
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in with a password."""

    name: str
    password: str = field(repr=False)  # its hash
    roles: tuple[str, ...]
    is_disabled: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of somebody's, for programs."""

    id: str  # public: it begins the token, and names it in lists
    hash: str = field(repr=False)
    owner: str
    purpose: str
    roles: tuple[str, ...]  # of the owner when it was made, for owners who are no local users
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    groups: tuple[str, ...] = ()  # of the owner when it was made: a provider's


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Somebody who is signed in, in one browser."""

    hash: str = field(repr=False)
    person: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    source: str  # password, oidc
    csrf: str = field(repr=False)  # what its forms carry
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that somebody read or changed; never what he read."""

    at: datetime
    person: str
    via: str
    address: str
    action: str  # query, export, sample, sign in, sign out, user add, token create, ...
    outcome: str  # done, refused, failed, timed out, stopped
    environment: str = ""
    datasets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # dataset -> columns
    rows: int | None = None
    duration_s: float = 0.0
    subject: str = ""  # what was changed, or a hash of the query
    id: int | None = None


class People(Connected):
    """Users, tokens, sessions, attempts to sign in, and the audit log."""

    def users(self) -> tuple[User, ...]:
        """All of them, by name."""
        return tuple(
            _made(User, row) for row in self._access_rows(sa.select(tables.users).order_by(tables.users.c.name))
        )

    def user(self, name: str) -> User | None:
        """One of them."""
        found = self._access_rows(sa.select(tables.users).where(tables.users.c.name == name))
        return _made(User, found[0]) if found else None

    def put_user(self, user: User) -> None:
        """Remember somebody, instead of what was known of him."""
        with self.writing() as connection:
            self.put(
                connection, tables.users, [_row(user)], update=("password", "roles", "is_disabled", "changed_at")
            )  # fmt: skip

    def put_api_token(self, token: ApiToken) -> None:
        """Remember a new one."""
        with self.writing() as connection:
            connection.execute(tables.api_tokens.insert().values(_row(token)))

    def api_token(self, token_id: str) -> ApiToken | None:
        """One, whether or not it is still good."""
        found = self._access_rows(sa.select(tables.api_tokens).where(tables.api_tokens.c.id == token_id))
        return _made(ApiToken, found[0]) if found else None

    def api_tokens(self, owner: str | None = None) -> tuple[ApiToken, ...]:
        """Somebody's, or all; the newest first."""
        query = sa.select(tables.api_tokens).order_by(tables.api_tokens.c.created_at.desc(), tables.api_tokens.c.id)
        if owner is not None:
            query = query.where(tables.api_tokens.c.owner == owner)
        return tuple(_made(ApiToken, row) for row in self._access_rows(query))

    def revoke_api_tokens(self, at: datetime, *, token_id: str = "", owner: str = "") -> int:
        """Make one, or all of somebody's, worth nothing; how many were good before."""
        tokens = tables.api_tokens.c
        which = tokens.id == token_id if token_id else tokens.owner == owner
        with self.writing() as connection:
            statement = tables.api_tokens.update().where(which, tokens.revoked_at.is_(None)).values(revoked_at=at)
            return int(connection.execute(statement).rowcount)

    def note_token_use(self, token_id: str, at: datetime) -> None:
        """Note when one was used last."""
        with self.writing() as connection:
            tokens = tables.api_tokens
            connection.execute(tokens.update().where(tokens.c.id == token_id).values(used_at=at))

    def put_session(self, session: SessionRecord, *, instead_of: str = "") -> None:
        """Remember somebody who signed in; the session that he came with is no more."""
        with self.writing() as connection:
            if instead_of:
                connection.execute(tables.sessions.delete().where(tables.sessions.c.hash == instead_of))
            connection.execute(tables.sessions.insert().values(_row(session)))

    def session_record(self, hash_: str) -> SessionRecord | None:
        """The session with this hash."""
        found = self._access_rows(sa.select(tables.sessions).where(tables.sessions.c.hash == hash_))
        return _made(SessionRecord, found[0]) if found else None

    def note_session_seen(self, hash_: str, at: datetime) -> None:
        """Note that a session goes on."""
        with self.writing() as connection:
            sessions = tables.sessions
            connection.execute(sessions.update().where(sessions.c.hash == hash_).values(seen_at=at))

    def end_sessions(self, *, hash_: str = "", person: str = "") -> int:
        """Forget one, or all of somebody's; how many there were."""
        which = tables.sessions.c.hash == hash_ if hash_ else tables.sessions.c.person == person
        with self.writing() as connection:
            return int(connection.execute(tables.sessions.delete().where(which)).rowcount)

    def note_attempts(self, who: Iterable[str], at: datetime) -> None:
        """Note an attempt to sign in, under each of these: a name, an address."""
        with self.writing() as connection:
            connection.execute(tables.sign_in_attempts.insert(), [{"who": each, "at": at} for each in who])

    def attempts(self, who: str, since: datetime) -> tuple[datetime, ...]:
        """The moments of attempts under this word, the oldest first."""
        attempts = tables.sign_in_attempts.c
        query = sa.select(attempts.at).where(attempts.who == who, attempts.at > since).order_by(attempts.at)
        return tuple(row.at for row in self._access_rows(query))

    def forget_attempts(self, who: str) -> None:
        """Somebody signed in: what he mistyped before counts no more."""
        with self.writing() as connection:
            connection.execute(tables.sign_in_attempts.delete().where(tables.sign_in_attempts.c.who == who))

    def put_audit(self, entries: Iterable[AuditEntry]) -> None:
        """Write these down for good, in one statement."""
        rows = [{name: value for name, value in _row(entry).items() if name != "id"} for entry in entries]
        if rows:
            with self.writing() as connection:
                connection.execute(tables.audit.insert(), rows)

    def audit(
        self, *, limit: int = 100, person: str = "", action: str = "", dataset: str = "", since: datetime | None = None
    ) -> tuple[AuditEntry, ...]:  # fmt: skip
        """The newest entries."""
        log = tables.audit.c
        query = sa.select(tables.audit).order_by(log.id.desc())
        query = query.where(log.person == person) if person else query
        query = query.where(log.action == action) if action else query
        query = query.where(log.at >= since) if since else query
        found: list[AuditEntry] = []
        with self.reading() as connection:
            for row in connection.execute(query if dataset else query.limit(limit)):
                if not dataset or dataset in row.datasets:
                    found.append(_made(AuditEntry, row))
                if len(found) == limit:
                    break
        return tuple(found)

    def forget_access(self, now: datetime, *, audit_since: datetime, kept_since: datetime) -> None:
        """Forget sessions that are over, tokens that ended long ago, old attempts, and the log before its time."""
        tokens, sessions = tables.api_tokens.c, tables.sessions.c
        ended = sa.or_(tokens.expires_at < kept_since, tokens.revoked_at < kept_since)
        with self.writing() as connection:
            connection.execute(tables.sessions.delete().where(sessions.expires_at < now))
            connection.execute(tables.api_tokens.delete().where(ended))
            connection.execute(tables.sign_in_attempts.delete().where(tables.sign_in_attempts.c.at < kept_since))
            connection.execute(tables.audit.delete().where(tables.audit.c.at < audit_since))

    def _access_rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.reading() as connection:
            return list(connection.execute(query))


def _row(value: Any) -> dict[str, Any]:
    return asdict(value)


def _made(kind: Any, row: Any) -> Any:
    """A record of its row; lists of JSON are tuples here."""
    values = {each.name: getattr(row, each.name) for each in fields(kind)}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
        elif isinstance(value, dict):
            values[name] = {key: tuple(each) for key, each in value.items()}
    return kind(**values)
