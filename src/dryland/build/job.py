"""Defines one run's job: the plan, what stands already, and where the work is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from dryland.build.progress import Progress, Silence
from dryland.build.task import Limits
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Relation
from dryland.plan.plan import Plan
from dryland.project.project import Project
from dryland.state.records import Build, Pointer, Verdict
from dryland.state.store import State
from dryland.values import dataclass

NAME_MAX = 40  # keeps `<name>__<16 hex>` under PostgreSQL's 63 characters


@dataclass(frozen=True, slots=True)
class Job:
    """Everything the executor needs; nothing in it changes while it works."""

    project: Project
    plan: Plan
    engine: Engine
    state: State
    pointers: Mapping[str, Pointer]  # where the environment stands now
    run_id: int
    started_at: datetime
    limits: Limits = field(default_factory=Limits)
    progress: Progress = field(default_factory=Silence)
    source_columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    selected: tuple[str, ...] = ()  # unique ids of what the run is about, as templates are told

    @property
    def expected_keys(self) -> frozenset[str]:
        """Keys of the builds that the plan foresees."""
        return frozenset(step.key for step in self.plan.steps if step.key)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A build that may be published for a node, and whether it had to be made."""

    build: Build
    made: bool
    relation: Relation
    verdicts: tuple[Verdict, ...] = ()


def selected_by(plan: Plan, project: Project) -> tuple[str, ...]:
    """Unique ids of the nodes that were selected, all unless told, and of the checks that look at them."""
    if plan.only is None:
        return (*project.nodes, *project.checks)
    checks = (check.unique_id for check in project.checks.values() if plan.only & {*check.refs})
    return (*(node for node in project.nodes if node in plan.only), *checks)


def store_relation(job: Job, name: str, key: str) -> Relation:
    """Where the build with this key lives."""
    return Relation(job.engine.database, job.project.settings.store_schema, f"{name[:NAME_MAX]}__{key}")


def relation_of(job: Job, build: Build) -> Relation:
    """Where an existing build lives."""
    return Relation(job.engine.database, job.project.settings.store_schema, build.relation)
