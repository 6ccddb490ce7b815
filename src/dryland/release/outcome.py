"""Defines how a release or refresh ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from dryland.state.records import Release, StepRecord, Verdict
from dryland.values import dataclass

OutcomeStatus = Literal["published", "nothing", "refused", "partly", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: `partly` keeps the last good data of what is blocked; `refused` and `failed` change nothing."""

    status: OutcomeStatus
    environment: str
    release: Release | None = None
    verdicts: tuple[Verdict, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)  # node -> reason
    error: str = ""  # what stopped it as a whole, if something did
    kept_as: str = ""  # the environment that holds refused candidates
    duration_s: float = 0.0
    delivered: tuple[str, ...] = ()  # exports and notifications, as sentences
    incidents: tuple[Mapping[str, object], ...] = ()  # that it opened, joined or resolved; plain data
    noticed: tuple[str, ...] = ()  # by monitors, as sentences: the release stands
    hooks_failed: tuple[str, ...] = ()  # of on-run-end, as sentences: what was decided before stands

    @property
    def exit_code(self) -> int:
        """0 done, 1 the gate said no or an on-run-end hook failed, 3 the warehouse failed."""
        code = {"published": 0, "nothing": 0, "refused": 1, "partly": 1, "failed": 3}[self.status]
        return code or int(bool(self.hooks_failed))
