"""Writes the audit log: who did what, when, from where, over which datasets and columns, and how it ended.

Reads are written in batches, off the path of whoever waits for rows; what changes who may do what is written at once.
Neither the values that were read nor the text of a query is in it: texts have values in them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dryland.clock import utc_now
from dryland.digest import digest
from dryland.state.people import AuditEntry
from dryland.state.store import State

BATCH = 100
BATCH_S = 1.0
Clock = Callable[[], datetime]


class Journal:
    """The audit log of one process; safe to use from several threads. Close it: what is left is written then."""

    def __init__(self, state: State, *, clock: Clock = utc_now) -> None:
        self._state = state
        self.clock = clock
        self._waiting: list[AuditEntry] = []
        self._lock = threading.Lock()

    def note(self, entry: AuditEntry, *, at_once: bool = False) -> None:
        """Take an entry in; it is written with others, or `at_once`."""
        with self._lock:
            self._waiting.append(entry)
            age = entry.at - self._waiting[0].at
            is_due = at_once or len(self._waiting) >= BATCH or age >= timedelta(seconds=BATCH_S)
        if is_due:
            self.write()

    def write(self) -> None:
        """Write what waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if waiting:
            self._state.put_audit(waiting)

    def changed(
        self, person: str, via: str, action: str, subject: str, *, address: str = "", outcome: str = "done"
    ) -> None:
        """Note a change, or an attempt at one, at once."""
        self.note(AuditEntry(self.clock(), person, via, address, action, outcome, subject=subject), at_once=True)

    def close(self) -> None:
        """Write what is left."""
        self.write()


def query_mark(sql: str) -> str:
    """What stands for a query's text in the log: equal texts have equal marks."""
    return digest(["query", sql])


def as_json(entry: AuditEntry) -> dict[str, Any]:
    """An entry for machines."""
    columns: Mapping[str, Any] = {dataset: list(names) for dataset, names in entry.datasets.items()}
    return {
        "at": entry.at.isoformat(), "person": entry.person, "via": entry.via, "address": entry.address,
        "action": entry.action, "outcome": entry.outcome, "environment": entry.environment, "datasets": dict(columns),
        "rows": entry.rows, "duration_s": round(entry.duration_s, 3), "subject": entry.subject,
    }  # fmt: skip
