"""Defines what was found to be wrong with a dataset: what monitors, checks, runs and promises say, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from dryland.state.incident_records import Track
from dryland.values import dataclass

FindingKind = Literal["gate", "check", "monitor", "freshness", "run", "schema"]
FindingSeverity = Literal["warn", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one dataset, as it was seen at one moment."""

    environment: str
    dataset: str  # unique id of the node or source
    kind: FindingKind
    subject: str  # unique id of the check, or name of the monitor, metric or promise
    severity: FindingSeverity
    at: datetime  # when it was seen
    message: str  # one sentence for people
    since: datetime | None = None  # when what is wrong arrived, where that is known
    are_readers_hit: bool = True  # False where the gate kept it from them
    release: int | None = None  # that was live, or was refused
    run: int | None = None
    track: Track = "data"  # the two are never one incident: what was refused says nothing of data that are there
    evidence: Mapping[str, object] = field(default_factory=dict)  # JSON-like: values, bounds, rows, series

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same finding when it is seen again."""
        return (self.environment, self.dataset, self.kind, self.subject)
