"""Gathers what is known around what went wrong, each thing asked for only when something is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from dryland.errors import DrylandError
from dryland.plan.choice import choice_of
from dryland.plan.plan import Plan
from dryland.release.environments import pointers_of
from dryland.sql.meaning import Meaning
from dryland.state.incident_records import Incident, Mute
from dryland.watch.alerting import queued_for
from dryland.watch.described import Describing
from dryland.watch.desk import Desk
from dryland.watch.family import Family
from dryland.watch.report import Report
from dryland.watch.suspects import Circumstances, Shown
from dryland.watch.triage import Change
from dryland.watch.verdicts import Looked
from dryland.workshop import Workshop

OLDEST_LOAD_S = 1_000_000_000  # a load id below is no time


@dataclass
class Noting:
    """What is needed to make incidents of what a verb found, each asked for only when something is wrong."""

    workshop: Workshop
    environment: str
    at: datetime
    plan: Plan | None = None
    verb: str = ""

    def take_in(self, report: Report) -> tuple[Change, ...]:
        """Make incidents of a report, and queue the messages about them."""
        alerting, default = self.workshop.project.settings.alerting, self.workshop.project.settings.default_environment
        if not alerting.watches(self.environment, default):
            report = replace(report, findings=())  # what people try out there; what is open from before may end
        desk = Desk(
            self.workshop.state, self.family, self._described, self._muted,
            queued=queued_for(self.workshop.project, report.at, self.workshop.state),
            reopen=timedelta(seconds=alerting.reopen_s), warnings=alerting.warnings,
        )  # fmt: skip
        return desk.take_in(report)

    @cached_property
    def family(self) -> Family:
        """Who reads whom."""
        return Family({uid: node.depends_on for uid, node in self.workshop.project.nodes.items()})

    @cached_property
    def live(self) -> Mapping[str, str]:
        """Node -> the build that readers see."""
        pointers = pointers_of(self.workshop.state, self.environment) or {}
        return {node: pointer.build_key for node, pointer in pointers.items()}

    @cached_property
    def release(self) -> int | None:
        """The release that readers see."""
        known = self.workshop.state.environment(self.environment)
        return known.live_release if known else None

    def looked(self, **more: object) -> Looked:
        """Where verdicts come from."""
        return Looked(
            self.workshop.project, self.environment, self.at, self.live, verb=self.verb or "check",
            release=self.release, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    @cached_property
    def loads(self) -> Mapping[str, datetime]:
        """When the newest data of each source arrived, as far as it says so; one query."""
        from dryland.build.sources import measure

        workshop = self.workshop
        with suppress(DrylandError):  # why something is wrong is a courtesy
            said = measure(
                workshop.engine, workshop.project.sources.values(), workshop.source_columns, now=self.at.isoformat()
            )
            found = {source: moment_in(token) for source, token in said.items()}
            return {source: moment for source, moment in found.items() if moment and moment <= self.at}
        return {}

    @property
    def _described(self) -> Callable[[Incident], Incident]:
        return Describing(self.workshop.project, self.family, self.meanings, self._circumstances)

    def meanings(self) -> Mapping[str, Meaning]:
        """What the SQL of each node means; nothing where it cannot be read."""
        if self.plan is not None and self.plan.targets:
            return {node: target.meaning for node, target in self.plan.targets.items()}
        with suppress(DrylandError):
            return self.workshop.meanings
        return {}

    def _circumstances(self, incident: Incident) -> Circumstances:
        from dryland.release.provenance import provenance

        who = provenance(self.workshop.project.root)
        changes = self.plan.changes if self.plan else ()
        if incident.track == "release" or all(each.kind == "freshness" for each in incident.still):
            return Circumstances(self.verb, who.author, who.git_commit, changes)
        shown = self.shown([each.dataset for each in incident.still])
        good_at = None if incident.are_readers_hit else max((each.at for each in shown.values()), default=None)
        return Circumstances(
            self.verb, who.author, who.git_commit, changes, loads=self.loads, good_at=good_at, shown=shown
        )

    def shown(self, datasets: Iterable[str]) -> dict[str, Shown]:
        """The release that brought the build of each dataset which readers see now."""
        return {
            node: Shown(each.id, each.kind, each.created_at, each.author, each.git_commit, each.message, each.parent)
            for node, each in self.workshop.state.brought(self.environment, self.live, datasets).items()
        }

    def _muted(self, mute: Mute) -> frozenset[str]:
        from dryland.choosing import known_for
        from dryland.plan.select import select_any

        choice = choice_of((mute.selector,), ())
        try:
            known = known_for(self.workshop, self.environment, choice)
            return frozenset(select_any(self.workshop.project, choice, known=known))
        except DrylandError:  # what it named has left the project
            return frozenset()


def moment_in(token: str) -> datetime | None:
    """The time that a source says its newest data are from: of a load id, or of a `loaded_at_field`.

    >>> moment_in("1767323045.5|7"), moment_in("2026-01-02 03:04:05|7"), moment_in("unknown:2026-01-02")
    (datetime.datetime(2026, 1, 2, 3, 4, 5, 500000), datetime.datetime(2026, 1, 2, 3, 4, 5), None)
    """
    text = token.rpartition("|")[0]
    with suppress(ValueError, OverflowError, OSError):
        if text.replace(".", "", 1).isdigit() and float(text) > OLDEST_LOAD_S:
            return datetime.fromtimestamp(float(text), UTC).replace(tzinfo=None)
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    return None
