"""Lets people in by name and password, and lets nobody try for long.

Whoever is refused hears the same, after the same work, whether the name is unknown, the password wrong or the person
disabled. Attempts are counted before the password is looked at: for a name from one address, for a name from anywhere,
and for an address, so that neither many names nor many addresses are a way around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from dryland.access.journal import Journal
from dryland.access.keys import keyed_hash
from dryland.access.passwords import Passwords, verify_good
from dryland.access.person import Person
from dryland.access.rights import role_words
from dryland.access.sessions import LOCAL_USERS, Sessions, SignedIn
from dryland.errors import RightsError, SignInError, UsageError
from dryland.state.people import User
from dryland.state.store import State
from dryland.values import dataclass

WINDOW = timedelta(minutes=15)
ATTEMPTS_MAX = {"both": 5, "name": 30, "address": 30}
NAME_MAX = 200
NOBODY = "?"
REFUSED = "the name or the password is not right."
TOO_OFTEN = "too many attempts to sign in."


@dataclass(frozen=True, slots=True)
class SignIn:
    """The door."""

    state: State
    key: bytes
    passwords: Passwords
    sessions: Sessions
    journal: Journal
    clock: Callable[[], datetime]

    def sign_in(self, name: str, password: str, *, address: str, came_with: str = "") -> SignedIn:
        """Let somebody in; his browser gets a session that is new.

        Raises:
            SignInError: refused, or too often; then it says how long to wait.
        """
        name = named(name)
        self._verify_not_too_often(name, address)
        user = self.state.user(name) if name else None
        is_right = self.passwords.is_right(user.password if user else None, password)
        if user is None or user.is_disabled or not is_right:
            known = user.name if user else NOBODY  # what else was typed may be a password
            self.journal.changed(known, "", "sign in", "", address=address, outcome="refused")
            raise SignInError(REFUSED)
        self.state.forget_attempts(self._counted(name, address)["both"])
        if self.passwords.is_outdated(user.password):
            self.state.put_user(replace(user, password=self.passwords.hashed(password)))
        session = self.sessions.begin(
            Person(user.name, role_words(user.roles), via="session"), LOCAL_USERS, came_with=came_with
        )
        self.journal.changed(name, "session", "sign in", "", address=address)
        return session

    def sign_out(self, session: SignedIn, *, address: str = "", everywhere: bool = False) -> None:
        """End a session, or all of its person's."""
        if everywhere:
            self.sessions.end_everywhere(session.person.name)
        else:
            self.sessions.end(session.id)
        action = "sign out everywhere" if everywhere else "sign out"
        self.journal.changed(session.person.name, "session", action, "", address=address)

    def _verify_not_too_often(self, name: str, address: str) -> None:
        now, counted = self.clock(), self._counted(name, address)
        self.state.note_attempts(counted.values(), now)
        for kind, who in counted.items():
            moments = self.state.attempts(who, now - WINDOW)
            if len(moments) > ATTEMPTS_MAX[kind]:
                wait = (moments[-ATTEMPTS_MAX[kind] - 1] + WINDOW - now).total_seconds()
                self.journal.changed(NOBODY, "", "sign in", "", address=address, outcome="too often")
                raise SignInError(TOO_OFTEN, retry_after_s=max(wait, 1.0), hint="wait, or ask an administrator.")

    def _counted(self, name: str, address: str) -> dict[str, str]:
        """Under which words an attempt counts; a name that was typed may be a password, and is not written down."""
        texts = {"both": f"both {name} {address}", "name": f"name {name}", "address": f"address {address}"}
        return {kind: keyed_hash(self.key, "attempts", text) for kind, text in texts.items()}


@dataclass(frozen=True, slots=True)
class Users:
    """Who may come in, kept by administrators; and everybody's own password."""

    state: State
    passwords: Passwords
    sessions: Sessions
    journal: Journal
    clock: Callable[[], datetime]

    def add(self, by: Person, name: str, password: str, roles: Iterable[str]) -> User:
        """Somebody new. Whom a provider vouches for under that name is out: it may be somebody else.

        Raises:
            UsageError: the name is taken or none, or the password too easy.
        """
        self._verify_may(by, "user add", name)
        clean = named(name)
        if not clean or clean != name.strip() or any(letter.isspace() for letter in clean):
            raise UsageError(f"`{name[:NAME_MAX]}` is no name.", hint="lower case, without spaces.")
        if self.state.user(clean) is not None:
            raise UsageError(f"there is a user `{clean}` already.")
        verify_good(clean, password)
        now = self.clock()
        user = User(clean, self.passwords.hashed(password), role_words(roles), False, now, now)
        self.sessions.end_everywhere(clean)
        self.state.revoke_api_tokens(now, owner=clean)
        self.state.put_user(user)
        self.journal.changed(by.name, by.via, "user add", f"{clean}: {', '.join(user.roles)}")
        return user

    def change_password(self, by: Person, name: str, password: str, *, current: str = "") -> None:
        """Give somebody a new password; he is signed out everywhere, and his tokens end.

        Raises:
            SignInError: it is his own, and `current` is not the one that he has.
            RightsError: it is somebody else's, and he is no administrator.
        """
        if by.name != named(name) or by.scopes is not None or by.is_local:
            self._verify_may(by, "user passwd", name)
            user = self._of(name)
        else:
            user = self._of(name)
            if not self.passwords.is_right(user.password, current):
                self.journal.changed(by.name, by.via, "user passwd", user.name, outcome="refused")
                raise SignInError("the current password is not right.")
        verify_good(user.name, password)
        now = self.clock()
        self.state.put_user(replace(user, password=self.passwords.hashed(password), changed_at=now))
        self.sessions.end_everywhere(user.name)
        self.state.revoke_api_tokens(now, owner=user.name)
        self.journal.changed(by.name, by.via, "user passwd", user.name)

    def change_roles(self, by: Person, name: str, roles: Iterable[str]) -> None:
        """Let somebody do more or less, from his next click on."""
        self._verify_may(by, "user roles", name)
        user = replace(self._of(name), roles=role_words(roles), changed_at=self.clock())
        self.state.put_user(user)
        self.journal.changed(by.name, by.via, "user roles", f"{user.name}: {', '.join(user.roles)}")

    def disable(self, by: Person, name: str) -> None:
        """Let somebody in no more: his sessions and tokens end now."""
        self._verify_may(by, "user disable", name)
        user, now = self._of(name), self.clock()
        self.state.put_user(replace(user, is_disabled=True, changed_at=now))
        self.sessions.end_everywhere(user.name)
        self.state.revoke_api_tokens(now, owner=user.name)
        self.journal.changed(by.name, by.via, "user disable", user.name)

    def enable(self, by: Person, name: str) -> None:
        """Let somebody in again, with the password and the roles that he had."""
        self._verify_may(by, "user enable", name)
        user = self._of(name)
        self.state.put_user(replace(user, is_disabled=False, changed_at=self.clock()))
        self.journal.changed(by.name, by.via, "user enable", user.name)

    def end_all(self, by: Person, name: str) -> None:
        """End somebody's sessions and tokens, also of one whom a provider vouches for."""
        self._verify_may(by, "user end", name)
        self.sessions.end_everywhere(named(name))
        self.state.revoke_api_tokens(self.clock(), owner=named(name))
        self.journal.changed(by.name, by.via, "user end", named(name))

    def listed(self, by: Person) -> tuple[User, ...]:
        """All of them."""
        by.verify_may("administer")
        return self.state.users()

    def _verify_may(self, by: Person, action: str, name: str) -> None:
        """Only administrators; who tries without the right is written down."""
        if not by.may("administer"):
            self.journal.changed(by.name, by.via, action, named(name), outcome="refused")
        by.verify_may("administer")

    def _of(self, name: str) -> User:
        user = self.state.user(named(name))
        if user is None:
            raise RightsError(f"there is no user `{name[:NAME_MAX]}`.")
        return user


def named(name: str) -> str:
    """A name as it is compared; empty when it is none."""
    clean = name.strip().lower()
    return clean if 0 < len(clean) <= NAME_MAX and clean.isprintable() else ""
