"""Tells what went wrong with the metadata in our words: what it was, whether it may pass, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from dryland.errors import StateError

DAMAGED = "if the file is damaged, restore it from a `dryland state dump`, or move it away and apply again."
LOCKED = "another process writes to it: try again. `dryland runs` shows who is at work."
LOST = "is the server up, and can it be reached from here? Try again: whatever was begun is finished or dropped then."
SECRETS = "give the password in the environment (PGPASSWORD), a passfile or a service file."

HINTS: Mapping[str, str] = {
    "28": SECRETS,
    "3D": "create the database, or name another one in `state:` of dryland.yml.",
    "42501": "the role must be allowed to create a schema in that database, or tables in the one that is there.",
    "40": LOCKED,
    "55P03": LOCKED,
    "25P03": "this process stood still within a transaction, and the server ended that: try again.",
    "53": "the server is short of connections, memory or disk: make room, and try again.",
    "08": LOST,
    "57P": LOST,
}
"""How a code of SQLSTATE begins -> what to do; the longest that fits counts."""
PASSING = frozenset({LOCKED, LOST, HINTS["25P03"]})


def explained(error: sa.exc.SQLAlchemyError, place: str) -> StateError:
    """The error to raise in place of the driver's."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())
    hint = _hint(error, cause, text)
    return StateError(f"the metadata store {place} could not be used: {text}", hint=hint, is_passing=hint in PASSING)


def _hint(error: Exception, cause: BaseException, text: str) -> str:
    code = getattr(cause, "sqlstate", None)
    if code:
        fitting = [start for start in HINTS if code.startswith(start)]
        return HINTS[max(fitting, key=len)] if fitting else ""
    if "database is locked" in text:
        return LOCKED
    if hasattr(cause, "sqlstate"):  # PostgreSQL's driver, and no word of the server: it could not be reached
        return SECRETS if "password" in text else LOST
    return DAMAGED if isinstance(error, sa.exc.DBAPIError) else ""
