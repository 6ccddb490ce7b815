"""Makes sure that a form was filled in on a page that this portal gave to this browser."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import field

from dryland.values import dataclass

COOKIE = "dryland_visitor"
FIELD = "token"


def cookie_name(name: str, is_secure: bool) -> str:
    """A cookie's name; over https one that no other host and no plain http can set.

    >>> cookie_name("visitor", True), cookie_name("visitor", False)
    ('__Host-visitor', 'visitor')
    """
    return f"__Host-{name}" if is_secure else name


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one server; they end with it."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def new_visitor(self) -> str:
        """What a browser is known by; it says nothing of anybody."""
        return secrets.token_urlsafe(24)

    def token_of(self, visitor: str) -> str:
        """What forms carry that are shown to a visitor."""
        return hmac.new(self.secret, visitor.encode(), hashlib.sha256).hexdigest()
