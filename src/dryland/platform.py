"""Opens the front door: one object through which the command line and the portal do everything."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dryland.build.check_live import check_live
from dryland.build.job import Job
from dryland.build.progress import Progress, Silence
from dryland.build.runner import Limits
from dryland.build.sources import measure
from dryland.check.scan import ScanRequest, scan
from dryland.engines.protocol import Rows
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, UsageError
from dryland.plan.environment import published_relation
from dryland.plan.lineage import lineage_of
from dryland.plan.make import make_plan
from dryland.plan.plan import Plan
from dryland.plan.request import Deployed, PlanRequest
from dryland.plan.select import select as select_nodes
from dryland.release import delivery, details, environments, hooks, publish, retention
from dryland.release.adopt import adopt as take_over
from dryland.release.adopt import handed_back_unless_published
from dryland.release.carry_out import carry_out
from dryland.release.outcome import Outcome
from dryland.sql.parse import parse_query
from dryland.sql.retarget import retarget
from dryland.state.dump import dump, load
from dryland.state.records import Environment, Pointer, Release, Verdict
from dryland.workshop import Opening, Workshop

GRAINS = {"run": "%Y-%m-%dT%H:%M:%S.%f", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


class Platform(Workshop):
    """Every verb on a project. Use as a context manager: the warehouse is held only while open."""

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
        return self._plan(name, verb, only, full_refresh)

    def apply(self, plan: Plan, *, adopt: bool = False, message: str = "", full_refresh: bool = False) -> Outcome:
        """Carry out a plan of either verb: build aside, check, then publish or refuse.

        Raises:
            InTheWayError: somebody else's objects stand where we would publish, and `adopt` was not said.
        """
        began = time.monotonic()
        if not plan.in_the_way:
            outcome = self._carried_out(plan, message, full_refresh)
        else:
            adopted = self._take_over(plan, allowed=adopt)
            again = self._plan(plan.environment, plan.verb, plan.only, full_refresh)
            with handed_back_unless_published(self.engine, self.state, adopted, self.project.settings.store_schema):
                outcome = self._carried_out(again, message, full_refresh)
        return replace(outcome, duration_s=time.monotonic() - began)

    def check(
        self, environment: str = "", *, select: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> tuple[Verdict, ...]:
        """Run checks on what an environment's readers see now; publish nothing."""
        name = self._name(environment)
        chosen = set(self.select(select, exclude, environment=name)) if select or exclude else None
        pointers = self.pointers(name)
        builds = self.state.builds({pointer.build_key for pointer in pointers.values()})
        return check_live(self.project, self.engine, pointers, builds, self.source_columns, chosen)

    def rollback(self, environment: str = "", release: int | None = None) -> Release:
        """Bring an environment back to an older release; the one before the live one unless told."""
        return environments.roll_back(self.engine, self.state, self.project, self._name(environment), release)

    def query(self, sql: str, *, environment: str = "", rows_max: int | None = 100) -> Rows:
        """Answer a reader's query against one environment; only a single query is let through.

        Model names may be written as in prod: in another environment they stand for its views.
        """
        name = self._name(environment)
        dialect = self.engine.dialect
        query = parse_query(sql, dialect)
        names = {}
        for node, pointer in self.pointers(name).items():
            if node in self.project.nodes:
                prod = self.project.nodes[node].relation
                names[prod.schema.lower(), prod.name.lower()] = Relation(*pointer.published)
        tree = retarget(query, names, default_schema=self.project.warehouse.schema)
        with self.engine.session() as session:
            return session.fetch(tree.sql(dialect=dialect), rows_max=rows_max)

    # --- what there is -------------------------------------------------------------------------------------------

    def select(
        self, select: Sequence[str] = (), exclude: Sequence[str] = (), *, environment: str = ""
    ) -> tuple[str, ...]:
        """The unique ids that dbt's selectors choose, in project order."""
        states = self._states(self._name(environment)) if any("state:" in each for each in (*select, *exclude)) else {}
        return select_nodes(self.project, select, exclude, states=states)

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

    def node_details(self, name: str, environment: str = "") -> dict[str, Any]:
        """Everything about one node, as plain data."""
        chosen = self.select([name])
        if not chosen:
            raise UsageError(f"`{name}` is no model or seed.", hint="dryland ls")
        pointers = self.pointers(environment)
        return details.node_details(self.project, self.state, pointers, self.meanings, self.check_hashes, chosen[0])

    def release_details(self, release: int | None = None, environment: str = "") -> dict[str, Any]:
        """Everything about one release (the live one unless told), as plain data."""
        found = details.the_release(self.state, self._name(environment), release)
        return details.release_details(self.state, found)

    def lineage(self, target: str, *, direction: str = "both") -> tuple[tuple[str, str], ...]:
        """Edges around a node or column (`orders.amount`): pairs of names, from what is read to what reads."""
        return lineage_of(self.project, self.meanings, target, direction)

    def content(self, environment: str = "") -> dict[str, tuple[int, str]]:
        """What readers see, by dataset: rows and an order-independent hash, measured now from the published views."""
        found = {}
        pointers = self.pointers(environment)
        names = {node: Relation(*pointer.published) for node, pointer in pointers.items()}
        columns = self.engine.columns(names.values())
        with self.engine.session() as session:
            for node, relation in names.items():
                profile = scan(session, ScanRequest(relation, columns[relation]), self.engine.dialect).profile
                assert profile is not None
                found[node.rpartition(".")[2]] = (profile.rows, profile.content_hash)
        return found

    def dump(self, path: Path) -> int:
        """Write the metadata to a file; return the number of rows."""
        return dump(self.state, path)

    def load(self, path: Path) -> int:
        """Fill empty metadata from a file; return the number of rows."""
        return load(self.state, path)

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

    def _plan(self, environment: str, verb: str, only: frozenset[str] | None, full_refresh: bool) -> Plan:
        now = datetime.now(UTC)
        deployed = self._deployed(environment)
        tokens = self._tokens(deployed) if verb == "run" else {}
        request = PlanRequest(
            verb=verb,  # type: ignore[arg-type]
            tokens=tokens,
            now=now.isoformat(),
            volatile_token=now.strftime(GRAINS[self.project.settings.volatile]),
            source_columns=self.source_columns,
            check_hashes=self.check_hashes,
            only=only,
            full_refresh=full_refresh,
        )
        plan = make_plan(self.project, self.meanings, deployed, request)
        if not tokens and plan.nodes_to("build"):
            plan = make_plan(self.project, self.meanings, deployed, replace(request, tokens=self._tokens(deployed)))
        return plan

    def _limits(self) -> Limits:
        settings = self.project.settings
        threads = self._opening.threads or settings.threads or self.project.warehouse.threads
        return Limits(threads, settings.retries, settings.timeout_s)

    def _tokens(self, deployed: Deployed) -> dict[str, str]:
        """What sources say of themselves; those behind something stale count as moved: they may be mended in place."""
        now = datetime.now(UTC).isoformat()
        found = measure(self.engine, self.project.sources.values(), self.source_columns, now=now)
        stale = [node for node, pointer in deployed.pointers.items() if pointer.stale_since and node in self.meanings]
        suspects = frozenset().union(*(self.meanings[node].inputs for node in stale))
        return {source: f"{token}|{now}" if source in suspects else token for source, token in found.items()}

    def _deployed(self, environment: str) -> Deployed:
        """What stands in an environment, in a fixed number of queries."""
        pointers = self.pointers(environment)
        default = self.project.settings.default_environment
        names = [published_relation(node.relation, environment, default) for node in self.project.nodes.values()]
        names += [Relation(*pointer.published) for pointer in pointers.values()]
        return Deployed(
            environment,
            pointers,
            self.state.definitions({pointer.definition for pointer in pointers.values()}),
            self.state.all_builds(),
            self.engine.list_relations({(name.database, name.schema) for name in names}),
        )

    def _carried_out(self, plan: Plan, message: str, full_refresh: bool) -> Outcome:
        if plan.is_empty:
            return Outcome("nothing", plan.environment)
        builds = bool(plan.nodes_to("build"))
        if builds:
            hooks.before_run(self.project, self.engine, plan.environment)
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
        said = hooks.after_run(self.project, self.engine, plan.environment) if builds else ()
        delivered = delivery.deliver(self.project, self.engine, self.pointers(plan.environment), outcome)
        return replace(outcome, delivered=(*said, *delivered))

    def _take_over(self, plan: Plan, *, allowed: bool) -> Release:
        """Make what stands in the way a release of its own: adopted tables are builds like all others."""
        objects = tuple(str(relation) for relation in plan.in_the_way)
        if not allowed:
            raise InTheWayError(
                f"{len(objects)} relations that Dryland did not make stand where {plan.environment} publishes: "
                f"{', '.join(objects[:5])}{', ...' if len(objects) > 5 else ''}.",
                objects=objects,
                hint="`dryland apply --adopt` takes them over; a rollback brings them back.",
            )
        if self.state.environment(plan.environment) is None:
            self.state.create_environment(plan.environment, "")
        return take_over(
            self.engine,
            self.state,
            plan.environment,
            [each for each in self._deployed(plan.environment).found if each.relation in plan.in_the_way],
            {step.relation: step.node for step in plan.steps if step.action == "publish" and step.relation},
            self.pointers(plan.environment),
            store_schema=self.project.settings.store_schema,
            author=publish.provenance(self.project.root).author,
        )

    def _states(self, environment: str) -> dict[str, frozenset[str]]:
        """The nodes behind `state:new` and `state:modified`, against what is live."""
        plan = self.plan(environment)
        new = frozenset(change.node for change in plan.changes if change.change == "added")
        modified = frozenset(change.node for change in plan.changes if change.change == "changed")
        return {"new": new, "modified": new | modified}
