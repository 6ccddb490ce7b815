"""Keeps people signed in: on the server, under the hash of a random number that only their browser has.

Signing in gives a new number, whatever number somebody came with; a session ends with its time, when nothing was heard
of it, when its person signs out or is disabled, or all at once when he signs out everywhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from dryland.access.keys import keyed_hash
from dryland.access.person import Person
from dryland.access.rights import role_words
from dryland.errors import SignInError
from dryland.state.people import SessionRecord
from dryland.state.store import State
from dryland.values import dataclass

NOTED_EACH = timedelta(minutes=1)
LOCAL_USERS = "password"  # the source of sessions of local users
OVER = "you are not signed in."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as its browser has it, and what its forms carry."""

    id: str
    csrf: str
    person: Person
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of a store."""

    state: State
    key: bytes
    clock: Callable[[], datetime]
    lasts: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(minutes=60)

    def begin(self, person: Person, source: str, *, came_with: str = "") -> SignedIn:
        """A session for somebody who has proved who he is; the one that his browser came with ends.

        Raises:
            SignInError: a provider vouches for him under the name of somebody who has a password here.
        """
        if source != LOCAL_USERS and self.state.user(person.name) is not None:
            raise SignInError("this name is somebody else's here.", hint="ask an administrator.")
        session_id, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self.clock()
        record = SessionRecord(
            self._hash(session_id), person.name, person.roles, person.groups, source, csrf, now, now, now + self.lasts
        )
        self.state.put_session(record, instead_of=self._hash(came_with) if came_with else "")
        return SignedIn(session_id, csrf, person, record.expires_at)

    def resume(self, session_id: str) -> SignedIn:
        """Who comes with a session's number.

        Raises:
            SignInError: there is no such session, or it is over.
        """
        record = self.state.session_record(self._hash(session_id[:200])) if session_id else None
        now = self.clock()
        if record is None:
            raise SignInError(OVER)
        user = self.state.user(record.person)
        is_known = record.source != LOCAL_USERS or (user is not None and not user.is_disabled)
        if now >= record.expires_at or now - record.seen_at >= self.idle or not is_known:
            self.state.end_sessions(hash_=record.hash)
            raise SignInError(OVER)
        if now - record.seen_at >= NOTED_EACH:
            self.state.note_session_seen(record.hash, now)
        is_local_user = record.source == LOCAL_USERS and user is not None
        roles = role_words(user.roles if is_local_user and user else record.roles)
        person = Person(record.person, roles, record.groups, via="session")
        return SignedIn(session_id, record.csrf, person, record.expires_at)

    def end(self, session_id: str) -> None:
        """Sign out here."""
        self.state.end_sessions(hash_=self._hash(session_id))

    def end_everywhere(self, person: str) -> int:
        """Sign somebody out wherever he is signed in; from how many places."""
        return self.state.end_sessions(person=person)

    def _hash(self, session_id: str) -> str:
        return keyed_hash(self.key, "sessions", session_id)
