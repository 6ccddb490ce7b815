"""Gathers what is told of one run: its steps with the code and the builds behind them, and what checks said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from dryland.engines.relation import Relation
from dryland.plan.plan import Plan
from dryland.project.project import Project
from dryland.release.environments import pointers_of
from dryland.release.outcome import Outcome
from dryland.sql.meaning import Meaning
from dryland.state.records import Build, StepRecord, Verdict
from dryland.state.store import State
from dryland.values import dataclass

ENDED = frozenset({"done", "rejected", "failed"})  # of a step that made something, or should have


@dataclass(frozen=True, slots=True)
class Step:
    """One dataset that a run made, or failed to make."""

    node: str
    began: datetime
    ended: datetime
    error: str = ""  # why it failed; empty when it did not
    rows: int | None = None
    build: Build | None = None
    meaning: Meaning | None = None
    sql: str = ""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One run, as others are told of it."""

    project: Project
    environment: str
    verb: str
    run: int
    status: str  # of the outcome: published, nothing, refused, partly, failed
    began: datetime
    ended: datetime
    release: int | None = None
    error: str = ""
    steps: tuple[Step, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)  # node or source: readers' name

    @property
    def name(self) -> str:
        """What the whole is called: `shop.prod.apply`."""
        return f"{self.project.name}.{self.environment}.{self.verb}"


def told_of(
    project: Project, plan: Plan, outcome: Outcome, state: State, *, began: datetime, ended: datetime
) -> Told | None:  # fmt: skip
    """What is told of an outcome; None where there was no run."""
    run = outcome.steps[0].run_id if outcome.steps else outcome.release.run_id if outcome.release else None
    if run is None:
        return None
    made = [record for record in outcome.steps if record.action == "build" and record.status in ENDED]
    builds = state.builds([record.build_key for record in made if record.build_key])
    said: dict[str, list[Verdict]] = {}
    for verdict in outcome.verdicts:
        if verdict.check in project.checks and not verdict.cached:
            said.setdefault(project.checks[verdict.check].node, []).append(verdict)
    relations = {uid: _parts(source.relation) for uid, source in project.sources.items()}
    relations |= {step.node: _parts(step.relation) for step in plan.steps if step.relation}
    relations |= {node: each.published for node, each in (pointers_of(state, plan.environment) or {}).items()}
    return Told(
        project, plan.environment, plan.verb, run, outcome.status, began, ended,
        outcome.release.id if outcome.release else None, outcome.error,
        tuple(_step(each, builds.get(each.build_key), plan, said.get(each.node, ())) for each in made),
        outcome.blocked, relations,
    )  # fmt: skip


def _parts(relation: Relation) -> tuple[str, str, str]:
    return (relation.database, relation.schema, relation.name)


def _step(record: StepRecord, build: Build | None, plan: Plan, verdicts: Iterable[Verdict]) -> Step:
    target, definition = plan.targets.get(record.node), plan.definitions.get(record.node)
    error = (record.message or "failed") if record.status == "failed" else ""
    return Step(
        record.node, record.started_at, record.started_at + timedelta(seconds=record.duration_s), error, record.rows,
        build, target.meaning if target else None, definition.sql if definition else "", tuple(verdicts),
    )  # fmt: skip
