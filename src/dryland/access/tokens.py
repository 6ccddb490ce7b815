"""Makes API tokens and knows them again: each is shown once, and remembered by its hash.

A token reads `dry_<id>_<secret>`: the id finds it, the secret proves it. It is good for its scopes and until its end,
and never for more than its owner's roles let him do.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import cast

from dryland.access.keys import is_same, keyed_hash
from dryland.access.person import PERMISSIONS, Permission, Person
from dryland.access.rights import role_words
from dryland.errors import RightsError, SignInError, UsageError
from dryland.state.people import ApiToken
from dryland.state.store import State
from dryland.values import dataclass

PREFIX = "dry"
DAYS_MAX = 366
NOTED_EACH = timedelta(minutes=1)  # of when one was used: not each call is worth a write
INVALID = "this token is not valid: wrong, ended or revoked."


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a store."""

    state: State
    key: bytes
    clock: Callable[[], datetime]

    def create(self, person: Person, *, purpose: str, scopes: Iterable[str], days: int) -> tuple[str, ApiToken]:
        """A new token of somebody's: its text, which is never to be had again, and what is remembered.

        Raises:
            UsageError: there is no such scope, or it would last for too long.
            RightsError: the owner has not got this right himself, or comes with a token.
        """
        if person.scopes is not None:
            raise RightsError("a token makes no tokens.", hint="sign in for that.")
        wanted = _scopes(scopes)
        for scope in sorted(wanted):
            person.verify_may(scope)
        if not 1 <= days <= DAYS_MAX:
            raise UsageError(f"a token is good for 1 to {DAYS_MAX} days.")
        secret, now = secrets.token_urlsafe(32), self.clock()
        token = ApiToken(
            secrets.token_hex(6), keyed_hash(self.key, "tokens", secret), person.name, purpose[:200], person.roles,
            tuple(sorted(wanted)), now, now + timedelta(days=days), groups=person.groups,
        )  # fmt: skip
        self.state.put_api_token(token)
        return f"{PREFIX}_{token.id}_{secret}", token

    def person(self, text: str) -> Person:
        """Who comes with a token.

        Raises:
            SignInError: it is not valid; why is not said.
        """
        prefix, _, rest = text.strip().partition("_")
        token_id, _, secret = rest.partition("_")
        token = self.state.api_token(token_id) if prefix == PREFIX and 0 < len(token_id) <= 64 else None
        is_right = is_same(keyed_hash(self.key, "tokens", secret[:200]), token.hash if token else "0" * 64)
        now = self.clock()
        if token is None or not is_right or token.revoked_at is not None or token.expires_at <= now:
            raise SignInError(INVALID)
        user = self.state.user(token.owner)
        if user is not None and user.is_disabled:
            raise SignInError(INVALID)
        if token.used_at is None or now - token.used_at >= NOTED_EACH:
            self.state.note_token_use(token.id, now)
        scopes = cast(frozenset[str], frozenset(token.scopes))
        return Person(
            token.owner,
            role_words(user.roles if user else token.roles),
            () if user else token.groups,
            scopes=scopes,
            via=f"token:{token.id}",
        )

    def revoke(self, person: Person, token_id: str) -> None:
        """End a token of one's own; an administrator ends anybody's.

        Raises:
            RightsError: there is none of this id that this person may end.
        """
        token = self.state.api_token(token_id)
        if token is None or (token.owner != person.name and not person.may("administer")):
            raise RightsError(f"there is no token `{token_id[:64]}` of yours.")
        self.state.revoke_api_tokens(self.clock(), token_id=token_id)

    def listed(self, person: Person, *, everybodys: bool = False) -> tuple[ApiToken, ...]:
        """Somebody's tokens; `everybodys` is for administrators.

        Raises:
            RightsError: he is none.
        """
        if everybodys:
            person.verify_may("administer")
        return self.state.api_tokens(None if everybodys else person.name)


def _scopes(words: Iterable[str]) -> frozenset[Permission]:
    wanted = frozenset(words)
    strange = wanted - PERMISSIONS
    if strange or not wanted:
        raise UsageError(
            f"`{min(strange)}` is no scope." if strange else "a token needs a scope.",
            hint=f"there are: {', '.join(sorted(PERMISSIONS))}.",
        )
    return cast(frozenset[Permission], wanted)
