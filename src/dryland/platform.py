"""Opens the front door: one object through which the command line and the portal do everything."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from dryland.build.job import Job
from dryland.build.progress import Progress, Silence
from dryland.build.runner import Limits
from dryland.build.sources import measure
from dryland.check.gate import check_hash
from dryland.engines.protocol import Engine, Rows
from dryland.engines.registry import open_engine
from dryland.engines.relation import Column, Found, Relation
from dryland.errors import InTheWayError, UsageError
from dryland.plan.environment import published_relation
from dryland.plan.make import Deployed, PlanRequest, make_plan
from dryland.plan.meanings import meanings
from dryland.plan.plan import Plan
from dryland.plan.select import select
from dryland.project.load import load_project
from dryland.project.nodes import Project
from dryland.release import adopt, delivery, environments, publish, retention
from dryland.release.carry_out import carry_out
from dryland.release.outcome import Outcome
from dryland.sql.meaning import Meaning
from dryland.state.records import Definition, Environment, Pointer, Release, Verdict
from dryland.state.store import State, open_state

GRAINS = {"run": "%Y-%m-%dT%H:%M:%S.%f", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class Opening:
    """How the platform was opened."""

    root: Path
    target: str | None = None
    profiles_dir: Path | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None


class Platform:
    """A project, its warehouse and its memory. Use as a context manager: the warehouse is held only while open."""

    def __init__(self, opening: Opening, progress: Progress) -> None:
        self._opening = opening
        self._progress = progress
        self._opened: list[Engine | State] = []
        self.definitions: dict[str, Definition] = {}

    @staticmethod
    def open(
        path: str | Path = ".",
        *,
        target: str | None = None,
        profiles_dir: str | Path | None = None,
        variables: Mapping[str, Any] | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Platform:
        """Open the project at `path`; files, warehouse and metadata are touched when first needed."""
        profiles = Path(profiles_dir) if profiles_dir else None
        opening = Opening(Path(path).resolve(), target, profiles, variables or {}, threads)
        return Platform(opening, progress or Silence())

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the warehouse and the metadata."""
        while self._opened:
            self._opened.pop().close()

    # --- the parts, made when first needed ---------------------------------------------------------------------

    @cached_property
    def project(self) -> Project:
        """Everything the team wrote."""
        opening = self._opening
        return load_project(
            opening.root,
            target=opening.target,
            profiles_dir=opening.profiles_dir,
            variables=opening.variables,
            environment=os.environ,
        )

    @cached_property
    def engine(self) -> Engine:
        """The warehouse, with any release that a crash left unfinished brought in order."""
        warehouse = self.project.warehouse
        engine = open_engine(
            warehouse.type,
            warehouse.settings,
            database=warehouse.database,
            root=self.project.root,
            store_schema=self.project.settings.store_schema,
        )
        self._opened.append(engine)
        publish.recover(engine, self.state)
        return engine

    @cached_property
    def state(self) -> State:
        """The metadata store."""
        url = self.project.settings.state_url or self.project.root / ".dryland" / "state.db"
        state = open_state(url)
        self._opened.append(state)
        return state

    @cached_property
    def source_columns(self) -> Mapping[str, tuple[Column, ...]]:
        """The columns of every source that exists, asked for in one query."""
        sources = self.project.sources
        found = self.engine.columns([source.relation for source in sources.values()])
        return {uid: found[source.relation] for uid, source in sources.items() if source.relation in found}

    @cached_property
    def meanings(self) -> Mapping[str, Meaning]:
        """What every node means."""
        return meanings(
            self.project,
            self.source_columns,
            dialect=self.engine.dialect,
            accepts=lambda sql: self.engine.syntax_error(sql) is None,
        )

    @cached_property
    def check_hashes(self) -> Mapping[str, str]:
        """The hash of every check's definition."""
        return {uid: check_hash(check, self.project) for uid, check in self.project.checks.items()}

    # --- verbs ---------------------------------------------------------------------------------------------------

    def plan(
        self,
        environment: str = "",
        *,
        verb: str = "apply",
        select: Sequence[str] = (),
        exclude: Sequence[str] = (),
        full_refresh: bool = False,
    ) -> Plan:
        """Say what `apply` (code) or `run` (data) would do to an environment; change nothing.

        Only metadata is asked for while nothing is to be built. Sources are measured when something reads them.
        """
        name = self._name(environment)
        only = frozenset(self.select(select, exclude, environment=name)) if select or exclude else None
        deployed = self._deployed(name)
        tokens = self._tokens() if verb == "run" else {}
        request = PlanRequest(
            verb=verb,  # type: ignore[arg-type]
            tokens=tokens,
            volatile_token=datetime.now(UTC).strftime(GRAINS[self.project.settings.volatile]),
            source_columns=self.source_columns,
            check_hashes=self.check_hashes,
            only=only,
            full_refresh=full_refresh,
        )
        plan = make_plan(self.project, self.meanings, deployed, request)
        if not tokens and plan.nodes_to("build"):
            plan = make_plan(self.project, self.meanings, deployed, replace(request, tokens=self._tokens()))
        return plan

    def apply(self, plan: Plan, *, adopt: bool = False, message: str = "", full_refresh: bool = False) -> Outcome:
        """Carry out a plan of either verb: build aside, check, then publish or refuse.

        Raises:
            InTheWayError: somebody else's objects stand where we would publish, and `adopt` was not said.
        """
        began = time.monotonic()
        if plan.in_the_way:
            plan = self._adopted(plan, allowed=adopt, full_refresh=full_refresh)
        if plan.is_empty:
            return Outcome("nothing", plan.environment)
        run = self.state.begin_run(plan.verb, plan.environment, os.getpid())
        job = Job(
            project=self.project,
            plan=plan,
            engine=self.engine,
            state=self.state,
            pointers=self.pointers(plan.environment),
            run_id=run.id,
            started_at=run.started_at,
            limits=self._limits(),
            progress=self._progress,
            source_columns=self.source_columns,
            full_refresh=full_refresh,
        )
        who = publish.provenance(self.project.root)
        outcome = carry_out(job, plan.definitions, who, message=message)
        delivered = delivery.deliver(self.project, self.engine, self.pointers(plan.environment), outcome)
        return replace(outcome, delivered=delivered, duration_s=time.monotonic() - began)

    def rollback(self, environment: str = "", release: int | None = None) -> Release:
        """Bring an environment back to an older release; the one before the live one unless told."""
        return environments.roll_back(self.engine, self.state, self.project, self._name(environment), release)

    def check(
        self, environment: str = "", *, select: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> tuple[Verdict, ...]:
        """Run checks on what an environment's readers see now; publish nothing."""
        name = self._name(environment)
        chosen = set(self.select(select, exclude, environment=name)) if select or exclude else None
        return check_live(self, name, chosen)

    def rollback(self, environment: str = "", release: int | None = None) -> Release:
        """Bring an environment back to an older release; the one before the live one unless told."""
        return environments.roll_back(self.engine, self.state, self.project, self._name(environment), release)

    def query(self, sql: str, *, environment: str = "", rows_max: int | None = 100) -> Rows:
        """Answer a reader's query against one environment; only a single query is let through.

        Model names may be written as in prod: in another environment they stand for its views.
        """
        name = self._name(environment)
        dialect = self.engine.dialect
        tree = parse_query(sql, dialect)
        names = {}
        for node, pointer in self.pointers(name).items():
            if node in self.project.nodes:
                prod = self.project.nodes[node].relation
                names[prod.schema.lower(), prod.name.lower()] = Relation(*pointer.published)
        tree = retarget(tree, names, default_schema=self.project.warehouse.schema)
        with self.engine.session() as session:
            return session.fetch(tree.sql(dialect=dialect), rows_max=rows_max)

    # --- what there is -------------------------------------------------------------------------------------------

    def select(
        self, select: Sequence[str] = (), exclude: Sequence[str] = (), *, environment: str = ""
    ) -> tuple[str, ...]:
        """The unique ids that dbt's selectors choose, in project order."""
        states = self._states(self._name(environment)) if any("state:" in each for each in (*select, *exclude)) else {}
        return _select(self.project, select, exclude, states=states)

    def pointers(self, environment: str = "") -> dict[str, Pointer]:
        """Where an environment stands: node to pointer; empty before its first release."""
        return environments.pointers_of(self.state, self._name(environment)) or {}

    def environments(self) -> tuple[Environment, ...]:
        """All environments, by name."""
        return tuple(self.state.environments().values())

    def create_environment(self, name: str, base: str = "") -> Environment:
        """Create an environment that shows what `base` shows; no data is copied."""
        return environments.create_environment(self.engine, self.state, self.project, name, self._name(base))

    def drop_environment(self, name: str) -> None:
        """Drop an environment's views and pointers; its builds stay until `gc`."""
        environments.drop_environment(self.engine, self.state, self.project, name)

    def releases(self, environment: str = "", *, limit: int = 20) -> tuple[Release, ...]:
        """The newest releases of an environment."""
        return tuple(self.state.releases(self._name(environment), limit=limit))

    def gc(self, *, dry_run: bool = False) -> retention.Garbage:
        """Drop builds that no environment and no kept release needs."""
        settings = self.project.settings
        return retention.collect_garbage(
            self.engine,
            self.state,
            store_schema=settings.store_schema,
            releases_kept=settings.releases_kept,
            dry_run=dry_run,
        )

    # --- inside --------------------------------------------------------------------------------------------------

    def _name(self, environment: str) -> str:
        return environment or self.project.settings.default_environment

    def _limits(self) -> Limits:
        settings = self.project.settings
        threads = self._opening.threads or settings.threads or self.project.warehouse.threads
        return Limits(threads, settings.retries, settings.timeout_s)

    def _tokens(self) -> dict[str, str]:
        now = datetime.now(UTC).isoformat()
        return measure(self.engine, self.project.sources.values(), self.source_columns, now=now)
