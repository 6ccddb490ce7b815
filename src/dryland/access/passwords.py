"""Hashes passwords with argon2, and takes as long for people whom it does not know."""

from __future__ import annotations

import unicodedata
from typing import Any

from dryland.errors import UsageError

LETTERS_MIN, LETTERS_MAX = 10, 1024
MISSING = 'pip install "dryland[portal]"'


class Passwords:
    """Makes and compares hashes; `hasher` is argon2's, with its usual cost unless tests bring a cheaper one."""

    def __init__(self, hasher: Any = None) -> None:
        self._hasher = hasher if hasher is not None else _usual()
        self._nobody = ""

    def hashed(self, password: str) -> str:
        """The hash to remember."""
        return str(self._hasher.hash(_normal(password)))

    def is_right(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password; where there is no hash it is compared with one of nobody's."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if not self._nobody:
            self._nobody = self.hashed("nobody's, and never right")
        is_short_enough = len(password) <= LETTERS_MAX
        try:
            self._hasher.verify(hashed or self._nobody, _normal(password) if is_short_enough else "")
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None and is_short_enough

    def is_outdated(self, hashed: str) -> bool:
        """Whether today it would be hashed with more effort."""
        return bool(self._hasher.check_needs_rehash(hashed))


def verify_good(name: str, password: str) -> None:
    """Refuse passwords that are guessed first.

    Raises:
        UsageError: it is too short or too long, one letter again and again, or has the name in it.
    """
    if not LETTERS_MIN <= len(password) <= LETTERS_MAX:
        raise UsageError(f"a password has between {LETTERS_MIN} and {LETTERS_MAX} letters.")
    if len(set(password)) < 5 or name.lower() in password.lower():
        raise UsageError(
            "this password is guessed at once.", hint="several words that do not belong together are good."
        )


def _normal(password: str) -> str:
    """One form for letters that keyboards write in several."""
    return unicodedata.normalize("NFKC", password)


def _usual() -> Any:
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise UsageError("passwords need argon2-cffi, which is not installed.", hint=MISSING) from error
    return PasswordHasher()
