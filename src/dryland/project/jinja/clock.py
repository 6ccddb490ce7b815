"""Gives templates the moment and the name of a run, so that both can be held still."""

from __future__ import annotations

import datetime
import uuid

from dryland.values import dataclass

NOW = "modules.datetime.datetime.now"
RANDOM = "random"  # Jinja's filter
NAMES = frozenset({"run_started_at", "invocation_id", NOW, RANDOM})  # what differs each time a template is rendered


@dataclass(frozen=True, slots=True)
class Clock:
    """When a run started, and what it is called."""

    moment: datetime.datetime
    invocation: str

    @classmethod
    def running(cls) -> Clock:
        """The clock of this run."""
        return cls(datetime.datetime.now(datetime.UTC), str(uuid.uuid4()))


# two clocks that stand still and differ in everything: what they make of a template tells what it prints of one
EARLY = Clock(datetime.datetime(2001, 2, 3, 4, 5, 6, 789012, datetime.UTC), "01234567-89ab-4cde-8f01-23456789abcd")
LATE = Clock(datetime.datetime(2064, 11, 27, 19, 48, 33, 123456, datetime.UTC), "fedcba98-7654-4321-9fed-cba987654321")
