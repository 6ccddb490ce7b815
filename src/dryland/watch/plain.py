"""Puts what monitors, alerts and mutes say into plain data with stable keys, the same for commands and programs."""

from __future__ import annotations

from typing import Any

from dryland.state.incident_records import Delivery, Mute
from dryland.state.observed import Alert
from dryland.watch.judge import Judged
from dryland.watch.telling import moment


def judged_json(each: Judged) -> dict[str, Any]:
    """What a monitor says of the last observation."""
    return {
        "dataset": each.dataset, "monitor": each.monitor, "at": each.at.isoformat(), "value": each.value,
        "low": each.bounds.low, "high": each.bounds.high, "expected": each.bounds.expected, "state": each.state,
        "is_growth": each.is_growth, "is_fixed": each.rule.is_fixed, "says": each.says,
    }  # fmt: skip


def alert_json(alert: Alert) -> dict[str, Any]:
    """What a monitor told, and what people said of it."""
    return {
        "alert": alert.id, "dataset": alert.dataset, "monitor": alert.monitor, "at": alert.at.isoformat(),
        "feedback": alert.feedback, **alert.body,
    }  # fmt: skip


def delivery_json(each: Delivery) -> dict[str, Any]:
    """A message on its way, without what is in it."""
    return {
        "id": each.id, "incident": each.incident, "event": each.event, "route": each.route, "channel": each.channel,
        "status": each.status, "severity": each.severity, "created_at": moment(each.created_at),
        "due_at": moment(each.due_at), "sent_at": moment(each.sent_at), "attempts": each.attempts,
        "error": each.error,
    }  # fmt: skip


def mute_json(mute: Mute) -> dict[str, Any]:
    """A window of maintenance."""
    return {
        "id": mute.id, "selector": mute.selector, "environment": mute.environment, "since": moment(mute.since),
        "until": moment(mute.until), "who": mute.who, "reason": mute.reason,
    }  # fmt: skip
