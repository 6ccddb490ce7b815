"""Keeps the one key of a project: tokens and sessions are hashed with it, and pseudonyms made.

It is not in the metadata: whoever has a dump of these can neither try tokens nor find out who a pseudonym is.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Literal

from dryland.errors import ConfigError

FILE = "access.key"
BYTES = 32
Purpose = Literal["tokens", "sessions", "pseudonyms", "attempts", "sealed"]


def read_key(said: str, folder: Path) -> bytes:
    """The key that dryland.yml gives, or the one in Dryland's own folder; made there when it is first needed.

    Raises:
        ConfigError: it is too short to be one, or cannot be kept.
    """
    if said:
        if len(said) < BYTES:
            raise ConfigError(
                f"`access.key` has fewer than {BYTES} letters.", path="dryland.yml",
                hint='python -c "import secrets; print(secrets.token_urlsafe(32))" makes one.',
            )  # fmt: skip
        return hashlib.blake2b(said.encode(), digest_size=BYTES).digest()
    file = folder / FILE
    try:
        with suppress(FileExistsError):
            _write_first(file)
        return bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be used: {error}.", hint="say `access: {key: ...}` in dryland.yml."
        ) from error


def _write_first(file: Path) -> None:
    """Whole or not at all, and readable for nobody else: two processes may want to be the first."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_hex(BYTES))
        os.link(draft, file)
    finally:
        draft.unlink()


def derived(key: bytes, purpose: Purpose) -> bytes:
    """A key for one purpose; from one nobody can tell another."""
    return hashlib.blake2b(purpose.encode(), key=key, digest_size=BYTES).digest()


def keyed_hash(key: bytes, purpose: Purpose, secret: str) -> str:
    """The hash under which a secret is remembered: fast, for what has 256 random bits needs no slow one."""
    return hashlib.blake2b(secret.encode(), key=derived(key, purpose), digest_size=BYTES).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two hashes are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
