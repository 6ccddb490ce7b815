"""Opens the front door: one object through which programs and the command line do everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dryland.applying import apply_plan
from dryland.build.check_live import check_live
from dryland.build.progress import Progress, Silence
from dryland.check.scan import ScanRequest, scan
from dryland.engines.protocol import Rows
from dryland.engines.relation import Relation
from dryland.plan.lineage import lineage_of
from dryland.plan.plan import Plan, Verb
from dryland.plan.select import select as select_nodes
from dryland.plan.select import select_one
from dryland.planning import plan_for, states_against
from dryland.release import details, environments, retention
from dryland.release.environment_names import verify_exists, verify_releasable
from dryland.release.outcome import Outcome
from dryland.release.rollback import roll_back
from dryland.sql.parse import parse_query
from dryland.sql.retarget import retarget
from dryland.state.dump import dump, load
from dryland.state.records import Environment, Pointer, Release, Verdict
from dryland.workshop import Opening, Workshop


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
        verb: Verb = "apply",
        select: Sequence[str] = (),
        exclude: Sequence[str] = (),
        full_refresh: bool = False,
    ) -> Plan:
        """Say what `apply` (code) or `run` (data) would do to an environment; change nothing.

        Only metadata is asked for while nothing is to be built. Sources are measured when something reads them.
        """
        name = self._released_to(environment)
        only = frozenset(self.select(select, exclude, environment=name)) if select or exclude else None
        return plan_for(self, name, verb, only=only, full_refresh=full_refresh)

    def apply(self, plan: Plan, *, adopt: bool = False, message: str = "") -> Outcome:
        """Carry out a plan of either verb: build aside, check, then publish or refuse.

        Raises:
            InTheWayError: somebody else's objects stand where we would publish, and `adopt` was not said.
        """
        return apply_plan(self, plan, adopts=adopt, message=message)

    def check(
        self, environment: str = "", *, select: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> tuple[Verdict, ...]:
        """Run checks on what an environment's readers see now; publish nothing."""
        name = self._shown(environment)
        chosen = set(self.select(select, exclude, environment=name)) if select or exclude else None
        pointers = self.pointers(name)
        builds = self.state.builds({pointer.build_key for pointer in pointers.values()})
        return check_live(self.project, self.engine, pointers, builds, self.source_columns, chosen, name)

    def rollback(self, environment: str = "", release: int | None = None) -> Release:
        """Bring an environment back to an older release; the one before the live one unless told."""
        return roll_back(self.engine, self.state, self.project, self._shown(environment), release)

    def query(self, sql: str, *, environment: str = "", rows_max: int | None = 100) -> Rows:
        """Answer a reader's query against one environment; only a single query is let through.

        Model names may be written as in prod: in another environment they stand for its views.
        """
        name = self._shown(environment)
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
        is_state_asked = any("state:" in each for each in (*select, *exclude))
        states = states_against(self, self._shown(environment)) if is_state_asked else {}
        return select_nodes(self.project, select, exclude, states=states)

    def pointers(self, environment: str = "") -> dict[str, Pointer]:
        """Where an environment stands: node to pointer; empty before its first release."""
        return environments.pointers_of(self.state, self._shown(environment)) or {}

    def environments(self) -> tuple[Environment, ...]:
        """All environments, by name."""
        return tuple(self.state.environments().values())

    def create_environment(self, name: str, base: str = "") -> Environment:
        """Create an environment that shows what `base` shows; no data is copied."""
        return environments.create_environment(self.engine, self.state, self.project, name, self._shown(base))

    def drop_environment(self, name: str) -> None:
        """Drop an environment's views and pointers; its builds stay until `gc`."""
        environments.drop_environment(self.engine, self.state, self.project, name)

    def releases(self, environment: str = "", *, limit: int = 20) -> tuple[Release, ...]:
        """The newest releases of an environment."""
        return tuple(self.state.releases(self._shown(environment), limit=limit))

    def node_details(self, name: str, environment: str = "") -> dict[str, Any]:
        """Everything about one node, as plain data."""
        chosen = select_one(self.project, name)
        pointers = self.pointers(environment)
        return details.node_details(self.project, self.state, pointers, self.meanings, self.check_hashes, chosen)

    def release_details(self, release: int | None = None, environment: str = "") -> dict[str, Any]:
        """Everything about one release (the live one unless told), as plain data."""
        found = details.the_release(self.state, self._shown(environment), release)
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

    def _shown(self, environment: str) -> str:
        """An environment's name; the default one's unless told.

        Raises:
            UsageError: there is no such environment.
        """
        name = environment or self.project.settings.default_environment
        verify_exists(name, self._environment_names())
        return name

    def _released_to(self, environment: str) -> str:
        """The same for a release, which makes an environment that is not there."""
        name = environment or self.project.settings.default_environment
        verify_releasable(name, self._environment_names())
        return name

    def _environment_names(self) -> set[str]:
        """The default one is always there, even before its first release."""
        return {self.project.settings.default_environment, *self.state.environments()}
