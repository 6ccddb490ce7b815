"""Sends a test message along a route, so that nobody learns during an incident that it leads nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dryland.project.alerting import Route
from dryland.project.project import Project
from dryland.state.incident_records import Delivery, Incident
from dryland.state.store import State
from dryland.watch.post import Post, Sent
from dryland.watch.telling import told


def rehearse(state: State, project: Project, route: Route, clock: Callable[[], datetime]) -> tuple[Sent, ...]:
    """Queue a test message for every channel of a route and send what is due; what came of this route's."""
    at = clock()
    incident = Incident(
        0, project.settings.default_environment, "data", "open", "error", "", at,
        title=f"a test of the route {route.name}: nothing is wrong",
    )  # fmt: skip
    body = {"incident": told(incident, project), "muted": None}
    state.add_deliveries(
        Delivery(0, None, "test", route.name, channel, "waiting", at, at, severity="error", body=body)
        for channel in route.channels
    )
    return tuple(each for each in Post(state, project, clock).send_due() if each.route == route.name)
