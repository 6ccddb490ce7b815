"""Gives any JSON-like value a short name of its own: what means the same has the same digest."""

from __future__ import annotations

import hashlib
import json

_as_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode  # one for all: there are many


def digest(value: object) -> str:
    """Hash any JSON-like value to 16 hex characters (64 bits), independent of key order.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.blake2b(_as_json(value).encode(), digest_size=8).hexdigest()
