"""Says what time it is, as moments are remembered: in UTC, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The moment."""
    return datetime.now(UTC).replace(tzinfo=None)
