"""Gives moments, a clock that waits to be told, and an incident that began at noon."""

from __future__ import annotations

from datetime import datetime, timedelta

from dryland.state.incident_records import Incident, Symptom

NOON = datetime.fromisoformat("2026-03-02 12:00")


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def goes_on(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


def incident(**more: object) -> Incident:
    """An incident that began at noon."""
    symptom = Symptom("model.shop.orders", "check", "test.a", "error", "not_null_id: 3 rows have no id", NOON, NOON)
    given = {"title": "orders: 3 rows have no id", "owner": "ana", "symptoms": (symptom,), **more}
    return Incident(0, "prod", "data", "open", "error", "model.shop.orders", NOON, **given)  # type: ignore[arg-type]
