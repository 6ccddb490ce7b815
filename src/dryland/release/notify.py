"""Tells people and programs how a release or refresh ended: a webhook, or a line in a file."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from dryland.project.links import LED_OUT, is_led_out
from dryland.project.project import Notification, Project
from dryland.release.outcome import Outcome

TIMEOUT_S = 5.0
EVENTS = {"published": "published", "refused": "refused", "partly": "blocked", "failed": "failed"}


def notify(notification: Notification, outcome: Outcome, project: Project) -> str:
    """Deliver one message; return a sentence about it. A delivery that fails is told, and stops nothing."""
    event = EVENTS.get(outcome.status, "")
    if event not in notification.on:
        return ""
    body = json.dumps(message(event, outcome, project)).encode()
    try:
        if notification.file and is_led_out(project.root, notification.file):
            return f"could not tell {notification.name}: of `{notification.file}`, {LED_OUT}"
        if notification.file:
            _append(project.root / notification.file, body)
        if notification.webhook:
            _post(notification.webhook, body)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__  # never the address: it may hold a secret
        return f"could not tell {notification.name}: {reason}"
    return f"told {notification.name}: {event}"


def message(event: str, outcome: Outcome, project: Project) -> Mapping[str, object]:
    """What is told; the keys are stable."""
    return {
        "project": project.name,
        "environment": outcome.environment,
        "event": event,
        "release": outcome.release.id if outcome.release else None,
        "blocked": {project.name_of(node): reason for node, reason in outcome.blocked.items()},
        "failed_checks": [
            {"check": project.checks[verdict.check].name, "failures": verdict.failures}
            for verdict in outcome.verdicts
            if verdict.status in ("fail", "error") and verdict.check in project.checks
        ],
        "error": outcome.error,
        "duration_s": round(outcome.duration_s, 3),
    }


def _append(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(body + b"\n")


def _post(url: str, body: bytes) -> None:
    if not url.startswith(("http://", "https://")):
        raise ValueError("a webhook is an http or https address")
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
        answer.read()
