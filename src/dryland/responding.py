"""Answers to what went wrong: incidents and mutes, looked at and acted on, and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dryland.clock import utc_now
from dryland.errors import UsageError
from dryland.monitoring import Monitoring
from dryland.plan.choice import choice_of

if TYPE_CHECKING:
    from dryland.artifacts.sources import Age
    from dryland.plan.plan import Plan
    from dryland.state.incident_records import Delivery, Incident, IncidentEvent, Mute
    from dryland.state.records import Release
    from dryland.watch.post import Sent


class Responding(Monitoring):
    """Everything about incidents and alerts."""

    def incidents(
        self, environment: str = "", *, is_open: bool = False, owner: str = "", severity: str = "", limit: int = 50
    ) -> tuple[Incident, ...]:
        """The newest incidents, of one environment or of all."""
        found = self.state.incidents(environment, is_open=is_open, limit=None if owner or severity else limit)
        wanted = (
            each for each in found
            if owner.lower() in f"{each.owner}\n{each.assignee}".lower() and severity in ("", each.severity)
        )  # fmt: skip
        return tuple(wanted)[:limit]

    def incident(self, incident_id: int) -> tuple[Incident, tuple[IncidentEvent, ...]]:
        """One incident and its history.

        Raises:
            UsageError: there is no such incident.
        """
        found = self.state.incident(incident_id)
        if found is None:
            raise UsageError(f"there is no incident {incident_id}.", hint="dryland incident list")
        return found, self.state.incident_events(incident_id)

    def incidents_met(self, plan: Plan) -> tuple[Incident, ...]:
        """Open incidents of what a plan would publish, and of what that reads; the newest first."""
        published = {*plan.nodes_to("publish"), *plan.nodes_to("build")}
        if not published:
            return ()
        nodes = self.project.nodes
        near = published.union(*(nodes[each].depends_on for each in published if each in nodes))
        open_ = self.state.incidents(plan.environment, is_open=True)
        return tuple(each for each in open_ if any(symptom.dataset in near for symptom in each.still))

    def act(self, incident_id: int, kind: str, message: str = "", *, who: str = "") -> Incident:
        """Acknowledge, assign, comment, resolve or reopen an incident; whom that concerns is alerted.

        Raises:
            UsageError: there is no such incident, or it is so already.
        """
        from dryland.noting import post_due

        found = self.note_act(incident_id, kind, message, who=who)
        self.alerts_sent = post_due(self)
        return found

    def note_act(self, incident_id: int, kind: str, message: str = "", *, who: str = "") -> Incident:
        """The same, and the messages about it wait until somebody sends what is due.

        Raises:
            UsageError: there is no such incident, or it is so already.
        """
        from dryland.watch.alerting import queued_for
        from dryland.watch.desk import acted, put_changes

        at = utc_now()
        with self.state.writing():
            incident, _ = self.incident(incident_id)
            try:
                change = acted(incident, kind, at, who or _me(), message)
            except ValueError as error:
                raise UsageError(str(error), hint=f"dryland incident show {incident_id}") from None
            put_changes(self.state, (change,))
            self.state.add_deliveries(queued_for(self.written, at, self.state)((change,), {}))
        return change.incident

    def mute(self, selector: str, lasting: timedelta, *, environment: str = "", reason: str = "") -> Mute:
        """Begin a window of maintenance for what a selector chooses, in one environment or in all.

        Raises:
            SelectorError: it chooses nothing.
        """
        self.list(choice_of((selector,), ()))
        return self.begin_mute(selector, lasting, environment=environment, reason=reason)

    def begin_mute(
        self, selector: str, lasting: timedelta, *, environment: str = "", reason: str = "", who: str = ""
    ) -> Mute:
        """The same for a selector that is known to choose something."""
        from dryland.state.incident_records import Mute

        at = utc_now()
        return self.state.add_mute(Mute(0, environment, selector, at, at + lasting, who or _me(), reason))

    def mutes(self) -> tuple[Mute, ...]:
        """The windows of maintenance that have not ended."""

        return self.state.mutes(utc_now())

    def unmute(self, mute_id: int) -> None:
        """End a window of maintenance now.

        Raises:
            UsageError: there is no such window.
        """

        if not self.state.end_mute(mute_id, utc_now()):
            raise UsageError(f"there is no mute {mute_id} that has not ended.", hint="dryland incident mute --list")

    def send_alerts(self) -> tuple[Sent, ...]:
        """Send every message that is due."""
        from dryland.watch.post import Post

        return Post(self.state, self.written, utc_now, patience_s=300.0).send_due()

    def deliveries(self, *, status: str = "", limit: int = 50) -> tuple[Delivery, ...]:
        """The newest messages."""
        return self.state.deliveries(status=status, limit=limit)

    def test_alert(self, route: str) -> tuple[Sent, ...]:
        """Send a message to every channel of a route, at once.

        Raises:
            UsageError: there is no such route.
        """
        from dryland.watch.rehearsal import rehearse

        routes = {each.name: each for each in self.project.settings.alerting.routes}
        if route not in routes:
            known = ", ".join(routes) or "none"
            raise UsageError(f"dryland.yml has no route `{route}`.", hint=f"`alerts.routes` there: {known}.")
        return rehearse(self.state, self.project, routes[route], utc_now)

    def incident_details(self, incident: Incident, events: Sequence[IncidentEvent]) -> dict[str, Any]:
        """Everything about an incident, as plain data."""
        from dryland.watch.telling import full, moment

        history = [
            {"at": moment(each.at), "kind": each.kind, "who": each.who, "message": each.message, **each.body}
            for each in events
        ]
        return {**full(incident, self.written), "history": history}

    def _note_ages(self, environment: str, ages: Sequence[Age]) -> tuple[str, ...]:
        """Make incidents of what is too old; sentences about them."""
        from dryland.noting import as_told, note_ages, post_due

        self.incidents_noted = tuple(as_told(each) for each in note_ages(self, environment, ages))
        self.alerts_sent = post_due(self)
        return ()

    def _note_dropped(self, environment: str) -> None:
        """End the incidents of an environment that is not there any more."""
        if self.state.incidents(environment, is_open=True):
            from dryland.noting import note_dropped  # here and below: what it imports takes half a second

            note_dropped(self, environment)

    def _look_again(self, release: Release) -> None:
        """After a way back, ask the checks again that said no of what readers saw before."""
        from dryland.scoring import score_release

        score_release(self, release)
        open_ = self.state.incidents(release.environment, is_open=True)
        if not open_:
            return
        from dryland.noting import note_way_back, post_due

        failing = {
            symptom.subject
            for each in open_
            for symptom in each.still
            if symptom.kind == "check" and symptom.subject in self.project.checks
        }
        if failing:
            names = tuple(self.project.checks[each].name for each in sorted(failing))
            self._checked(release.environment, choice_of(names, ()), again=False)
        noted = self.incidents_noted
        self.incidents_noted = (*noted, *note_way_back(self, release))
        self.alerts_sent = post_due(self)


def _me() -> str:
    from dryland.state.processes import who

    return who()


def parse_until(text: str, now: datetime) -> timedelta:
    """How long a mute lasts that is written as `2h`, or as the moment at which it ends.

    >>> parse_until("2h", datetime(2026, 1, 2)), parse_until("2026-01-03", datetime(2026, 1, 2))
    (datetime.timedelta(seconds=7200), datetime.timedelta(days=1))
    """
    from dryland.project.alert_settings import parse_span

    try:
        return datetime.fromisoformat(text) - now
    except (ValueError, TypeError):
        pass
    try:
        return timedelta(seconds=parse_span(text))
    except ValueError as error:
        raise UsageError(f"{error}.", hint="--for 2h, or --until '2026-01-03 18:00' (UTC)") from None
