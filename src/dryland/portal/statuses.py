"""Says what an error is to a browser: its status, and when another attempt is worth it."""

from __future__ import annotations

import math

from dryland.errors import (
    BusyError,
    DrylandError,
    QueryError,
    RefusedQueryError,
    RightsError,
    SignInError,
    StepTimeoutError,
    UsageError,
)

STATUSES: tuple[tuple[type[DrylandError], int], ...] = (
    (SignInError, 401),
    (RightsError, 403),
    (RefusedQueryError, 400),
    (UsageError, 400),
    (BusyError, 429),
    (StepTimeoutError, 504),
    (QueryError, 400),
)
"""The first that fits; anything else means that something here does not answer."""
ELSE = 503


def status_of(error: DrylandError) -> int:
    """The status of an answer that says this error.

    >>> status_of(RefusedQueryError("no")), status_of(DrylandError("down"))
    (400, 503)
    """
    return next((status for kind, status in STATUSES if isinstance(error, kind)), ELSE)


def retry_after(error: DrylandError) -> dict[str, str]:
    """The header that says when to come again, where that is known."""
    seconds = getattr(error, "retry_after_s", None)
    return {"retry-after": str(max(math.ceil(seconds), 1))} if seconds is not None else {}
