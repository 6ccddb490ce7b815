"""Makes sure that a form was filled in on a page that this portal gave to this browser."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

COOKIE = "dryland_visitor"
FIELD = "token"


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

    def is_right(self, visitor: str, token: str) -> bool:
        """Whether a form that came back was shown to this visitor."""
        return bool(visitor) and hmac.compare_digest(self.token_of(visitor).encode(), token.encode())
