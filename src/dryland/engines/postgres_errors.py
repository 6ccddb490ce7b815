"""Tells PostgreSQL's errors in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg

from dryland.engines.postgres_rights import MISSING, NO_ROLE, missing_right
from dryland.errors import DrylandError, QueryError, WarehouseError, WarehouseLostError

TRY_AGAIN = frozenset({"40001", "40P01", "55P03", "55006"})  # serialisation, deadlock, lock not available, in use
PASSWORDS = ("password", "pass")
HIDDEN = "***"
TELLING_MIN = 3  # shorter words are no secret, and hiding them would hide the message
NO_ROOM = {
    "53100": "there is no room on the server's disk.",
    "53200": "the server's memory is used up: `max_locks_per_transaction` says how many relations one publication may "
    "touch, and 64 of them for each connection are the default.",
    "53300": "the server has no connection left: lower `threads`, or raise `max_connections`.",
}
TIMED_OUT = {
    "canceling statement due to statement timeout": "`statement_timeout` stops what takes longer: "
    "of the profile, else of the role or database. Raise it, or make the query cheaper.",
    "canceling statement due to lock timeout": "somebody else's transaction holds what it needs, as "
    "pg_stat_activity tells. `lock_timeout` of the profile says how long to wait, 60s unless told.",
}
GONE = ("08", "57P")  # classes of errors after which the connection is of no use
TOLD_IN_DETAIL = frozenset({"2BP01"})  # what depends on what; other details quote values, which may be a person's
LOST = "is the server up, and can it be reached? What was being built is built again by the next run."


def explained(
    error: psycopg.Error, sql: str = "", *, sent_before: str = "", place: str = "", role: str = ""
) -> DrylandError:
    """The error to raise in place of the driver's; `sent_before` was sent ahead of the statement, and is not of it."""
    said = error.diag
    code = error.sqlstate or ""
    first = said.message_primary or (str(error).strip().splitlines() or [type(error).__name__])[0]
    where = f" ({place})" if place else ""
    if code in NO_ROOM:
        return WarehouseError(f"{first}{where}", hint=NO_ROOM[code])
    if code.startswith(GONE) or (not code and isinstance(error, psycopg.OperationalError)):
        return WarehouseLostError(f"the connection to PostgreSQL was lost{where}: {first}", hint=LOST)
    hint = missing_right(first, sql, role) if code == MISSING else TIMED_OUT.get(first) or said.message_hint or ""
    detail = f": {said.message_detail}" if code in TOLD_IN_DETAIL and said.message_detail else ""
    return QueryError(
        f"{first}{detail}", sql=sql, sql_line=_line(said.statement_position, sent_before + sql, sent_before),
        transient=code in TRY_AGAIN, hint=hint,
    )  # fmt: skip


def _line(position: str | None, sent: str, before: str) -> int | None:
    """The line of the statement at which a position, counted in characters from 1, lies."""
    if not position:
        return None
    line = sent.count("\n", 0, int(position) - 1) + 1 - before.count("\n")
    return line if line >= 1 else None


def unreachable(error: psycopg.Error, place: str, settings: Mapping[str, Any]) -> WarehouseError:
    """The error when no connection comes about; it has nothing that the profile may have said in confidence."""
    first = _discreet((str(error).strip().splitlines() or [type(error).__name__])[0], settings)
    if NO_ROLE.search(first):
        return WarehouseError(first, hint=missing_right(first, "", str(settings.get("user") or "")))
    return WarehouseError(
        f"PostgreSQL at {place} cannot be reached: {first}",
        hint="look at `host`, `port`, `user` and `dbname` of the profile, and whether the server lets you in.",
    )


def _discreet(text: str, settings: Mapping[str, Any]) -> str:
    """The text without passwords, and without the words of `options` but for their names: any may be in confidence.

    >>> _discreet('invalid value for "a.key": "x77"', {"options": "-c a.key=x77"})
    'invalid value for "a.key": "***"'
    """
    words = re.split(r"(?<!\\)\s+", str(settings.get("options") or ""))
    told = [word.partition("=")[2] if "=" in word else word.lstrip("-") for word in words]
    told += [str(settings.get(key) or "") for key in PASSWORDS]
    for word in sorted(told, key=len, reverse=True):
        text = text.replace(word, HIDDEN) if len(word) >= TELLING_MIN else text
    return text
