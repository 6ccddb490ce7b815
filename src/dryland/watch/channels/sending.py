"""Defines what every channel is given besides the message: the settings, the folder, and the time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dryland.project.alerting import Alerting
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Sending:
    """Where and when something is sent."""

    root: Path
    alerting: Alerting
    at: datetime  # in UTC, with its zone
    store: str = ""  # tells messages of this project from those of others


class RefusedError(Exception):
    """Trying again will not help."""
